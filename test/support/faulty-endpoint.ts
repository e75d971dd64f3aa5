import { createServer, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { holdClosedPort } from "./closed-port.ts";
import { listenOnLoopback } from "./loopback.ts";

/** What is done to a request in place of Secrets Manager's response, whose body and status these are. */
export type Fault = (response: ServerResponse, body: Buffer, status: number) => unknown;

/** A proxy in front of Secrets Manager, which spoils its responses while it has a fault. */
export interface FaultyEndpoint {
  url: string;
  /** One of FAULTS or the test's own. Undefined: all goes through. */
  fault: string | Fault | undefined;
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
    const { status } = upstreamResponse;
    const body = Buffer.from(await upstreamResponse.arrayBuffer());
    const spoil = typeof fault === "string" ? FAULTS[fault]?.[1] : fault;
    if (spoil) spoil(response, body, status);
    else send(response, status, body);
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

/** All but the last bytes of a response of that length. */
const sendMost = (response: ServerResponse, body: Buffer, then?: () => void) => {
  response.writeHead(200, { "content-length": body.length });
  response.write(body.subarray(0, body.length - 5), then);
};
const sending = (error: string, status: number, bodyOf: (body: Buffer) => string | Buffer) =>
  [error, (response, body) => send(response, status, bodyOf(body))] satisfies NamedFault;
const failing = (status: number, __type: string) =>
  sending(__type, status, () => JSON.stringify({ __type, Message: `${__type}, said it` }));

/** What the log calls the error, and the fault. */
type NamedFault = readonly [error: string, fault: Fault];

/** All that have a body put the secret into it that the response held. */
export const FAULTS: Readonly<Record<string, NamedFault>> = {
  "a connection that is cut at once": ["ECONNRESET", (response) => response.destroy()],
  "a connection that is cut in mid-response": [
    "ECONNRESET",
    (response, body) => sendMost(response, body, () => response.destroy()),
  ],
  "no response": ["TimeoutError", () => undefined],
  "headers and then nothing": ["TimeoutError", (response, body) => sendMost(response, body)],
  "JSON that ends in the middle": sending("SyntaxError", 200, (body) => body.subarray(0, -5)),
  "JSON with junk behind": sending("SyntaxError", 200, (body) => `${body}}`),
  "a page of HTML": sending("SyntaxError", 200, (body) => `<html>${body}</html>`),
  "a text that quotes the secret": sending("SyntaxError", 200, secretIn),
  "an empty response": sending("SyntaxError", 200, () => ""),
  "JSON that is null": sending("TypeError", 200, () => "null"),
  "JSON without a secret": sending("secret_empty", 200, () => "{}"),
  "a secret that is a number": sending("secret_binary", 200, () => '{"SecretString":12345678}'),
  "a secret that is an object": sending(
    "secret_binary",
    200,
    (body) => `{"SecretString":{"token":"${secretIn(body)}"}}`,
  ),
  "binary that is no base64": sending(
    "secret_binary",
    200,
    (body) => `{"SecretBinary":"${secretIn(body)}!"}`,
  ),
  "500 with JSON": failing(500, "InternalServiceError"),
  "500 with a page of HTML": sending("SyntaxError", 500, (body) => `<p>${body}</p>`),
  "503 with nothing": sending("SyntaxError", 503, () => ""),
  "400 with half of JSON": sending("SyntaxError", 400, (body) => body.subarray(0, -5)),
  "a redirect": [
    "SyntaxError",
    (response, body) =>
      response.writeHead(302, { location: `http://127.0.0.1:1/${secretIn(body)}` }).end(),
  ],
  ThrottlingException: failing(400, "ThrottlingException"),
  AccessDeniedException: failing(400, "AccessDeniedException"),
  ResourceNotFoundException: failing(400, "ResourceNotFoundException"),
  DecryptionFailure: failing(400, "DecryptionFailure"),
  "an exception of an unknown name": failing(400, "FooException"),
};

function send(response: ServerResponse, status: number, body: string | Buffer): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { "content-length": length }).end(body);
}

/** The secret in the response to GetSecretValue. */
function secretIn(body: Buffer): string {
  return JSON.parse(String(body)).SecretString ?? "";
}
