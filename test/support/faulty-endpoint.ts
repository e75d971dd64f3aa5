import { createServer, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { holdClosedPort } from "./closed-port.ts";
import { listenOnLoopback } from "./loopback.ts";

/** What is done to a request in place of Secrets Manager's response, whose body is `body`. */
export type Fault = (response: ServerResponse, body: Buffer) => void;

/** A proxy in front of Secrets Manager, which spoils its responses while it has a fault. */
export interface FaultyEndpoint {
  url: string;
  /** Undefined: all goes through. */
  fault: Fault | undefined;
  /** How many requests came. */
  requests: number;
  /** From now on connections are refused. */
  refuse: () => Promise<void>;
  close: () => Promise<void>;
}

/** Starts it on a free port; `upstream` is Secrets Manager's own endpoint. */
export async function startFaultyEndpoint(upstream: string): Promise<FaultyEndpoint> {
  const server = createServer(async (request, response) => {
    endpoint.requests += 1;
    const { fault } = endpoint;
    const { host, connection, "content-length": length, ...headers } = request.headers;
    const upstreamResponse = await fetch(upstream, {
      method: "POST",
      headers: headers as Record<string, string>,
      body: await buffer(request),
    });
    const body = Buffer.from(await upstreamResponse.arrayBuffer());
    if (fault) return fault(response, body);
    send(response, upstreamResponse.status, body);
  });
  const { port, url, close } = await listenOnLoopback(server);
  const endpoint: FaultyEndpoint = {
    url,
    fault: undefined,
    requests: 0,
    refuse: async () => {
      await close();
      endpoint.close = await holdClosedPort(port);
    },
    close,
  };
  return endpoint;
}

/** Faults by name. All that have a body put the secret into it that the response held. */
export const FAULTS: Record<string, Fault> = {
  "a connection that is cut at once": (response) => response.destroy(),
  "a connection that is cut in mid-response": (response, body) => {
    response.writeHead(200, { "content-type": JSON_TYPE, "content-length": body.length });
    response.write(body.subarray(0, body.length - 5), () => response.destroy());
  },
  "no response": () => undefined,
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
  "an empty response": (response) => send(response, 200, Buffer.alloc(0)),
  "JSON that is null": (response) => send(response, 200, Buffer.from("null")),
  "JSON without a secret": (response) => send(response, 200, Buffer.from("{}")),
  "a secret that is a number": (response) =>
    send(response, 200, Buffer.from('{"SecretString":12345678901234567890}')),
  "a secret that is an object": (response, body) =>
    send(response, 200, Buffer.from(`{"SecretString":{"token":"${secretIn(body)}"}}`)),
  "binary that is no base64": (response, body) =>
    send(response, 200, Buffer.from(`{"SecretBinary":"${secretIn(body)}!"}`)),
  "500 with JSON": (response) => sendError(response, 500, "InternalServiceError"),
  "500 with a page of HTML that quotes the response": (response, body) =>
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

/** The secret in the response to GetSecretValue. */
function secretIn(body: Buffer): string {
  return JSON.parse(String(body)).SecretString ?? "";
}
