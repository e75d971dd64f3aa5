import { createServer, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { listenOnLoopback } from "./loopback.ts";

/** What is done to a request in place of what Secrets Manager answered: `body` is that answer. */
export type Fault = (response: ServerResponse, body: Buffer) => void;

/** Stands between a client and Secrets Manager, and spoils the answers while it has a fault. */
export interface FaultyEndpoint {
  url: string;
  /** Undefined: all goes through. */
  fault: Fault | undefined;
  /** How many requests came. */
  requests: number;
  close: () => Promise<void>;
}

/** Starts it on a free port; `upstream` is Secrets Manager's own endpoint. */
export async function startFaultyEndpoint(upstream: string): Promise<FaultyEndpoint> {
  const server = createServer(async (request, response) => {
    endpoint.requests += 1;
    const { fault } = endpoint;
    const { host, connection, "content-length": length, ...headers } = request.headers;
    const answer = await fetch(upstream, {
      method: "POST",
      headers: headers as Record<string, string>,
      body: await buffer(request),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (fault) return fault(response, body);
    send(response, answer.status, body);
  });
  const { url, close } = await listenOnLoopback(server);
  const endpoint: FaultyEndpoint = {
    url,
    fault: undefined,
    requests: 0,
    close,
  };
  return endpoint;
}

/** Faults by name. All that have a body put the secret into it that the answer held. */
export const FAULTS: Record<string, Fault> = {
  "a connection that is cut at once": (response) => response.destroy(),
  "a connection that is cut in mid-answer": (response, body) => {
    response.writeHead(200, { "content-type": JSON_TYPE, "content-length": body.length });
    response.write(body.subarray(0, body.length - 5), () => response.destroy());
  },
  "no answer": () => undefined,
  "headers and then nothing": (response, body) => {
    response.writeHead(200, { "content-type": JSON_TYPE, "content-length": body.length });
    response.write(body.subarray(0, body.length - 5));
  },
  "JSON that ends in the middle": (response, body) =>
    send(response, 200, body.subarray(0, body.length - 5)),
  "JSON with junk behind": (response, body) =>
    send(response, 200, Buffer.concat([body, Buffer.from("}")])),
  "a page of HTML": (response, body) => send(response, 200, Buffer.from(`<html>${body}</html>`)),
  "a text that quotes the secret": (response, body) =>
    send(response, 200, Buffer.from(secretIn(body))),
  "an empty answer": (response) => send(response, 200, Buffer.alloc(0)),
  "JSON that is null": (response) => send(response, 200, Buffer.from("null")),
  "JSON without a secret": (response) => send(response, 200, Buffer.from("{}")),
  "a secret that is a number": (response) =>
    send(response, 200, Buffer.from('{"SecretString":12345678901234567890}')),
  "a secret that is an object": (response, body) =>
    send(response, 200, Buffer.from(`{"SecretString":{"token":"${secretIn(body)}"}}`)),
  "binary that is no base64": (response, body) =>
    send(response, 200, Buffer.from(`{"SecretBinary":"${secretIn(body)}!"}`)),
  "500 with JSON": (response) => sendError(response, 500, "InternalServiceError"),
  "500 with a page of HTML that quotes the answer": (response, body) =>
    send(response, 500, Buffer.from(`<html>${body}</html>`)),
  "503 with nothing": (response) => send(response, 503, Buffer.alloc(0)),
  "400 with JSON that ends in the middle": (response, body) =>
    send(response, 400, body.subarray(0, body.length - 5)),
  "a redirect": (response, body) => {
    response.writeHead(302, { location: `http://127.0.0.1:1/${secretIn(body)}` }).end();
  },
  ThrottlingException: (response) => sendError(response, 400, "ThrottlingException"),
  AccessDeniedException: (response) => sendError(response, 400, "AccessDeniedException"),
  ResourceNotFoundException: (response) => sendError(response, 400, "ResourceNotFoundException"),
  DecryptionFailure: (response) => sendError(response, 400, "DecryptionFailure"),
  "an exception of an unknown name": (response) => sendError(response, 400, "FooException"),
};

const JSON_TYPE = "application/x-amz-json-1.1";

function send(response: ServerResponse, status: number, body: Buffer): void {
  response.writeHead(status, { "content-type": JSON_TYPE, "content-length": body.length });
  response.end(body);
}

function sendError(response: ServerResponse, status: number, type: string): void {
  send(
    response,
    status,
    Buffer.from(JSON.stringify({ __type: type, Message: `${type}, said it` })),
  );
}

/** The secret in a GetSecretValue answer. */
function secretIn(body: Buffer): string {
  return JSON.parse(String(body)).SecretString ?? "";
}
