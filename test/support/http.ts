import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";

/** A server on 127.0.0.1. */
export interface Target {
  readonly port: number;
  /** PEM: the CA of its certificate, where it speaks TLS. */
  readonly ca?: string | undefined;
  /** What requests name as their `Host`, where it is another one than the address. */
  readonly host?: string;
}

export interface Response {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

export type Headers = OutgoingHttpHeaders;

/** The headers of a WebSocket handshake (RFC 6455, section 4.1). */
export const HANDSHAKE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

type Placed = [line: string, headers: Headers];

/** The three places for a token: what is to be sent. */
export const PLACES = {
  header: (line: string, token: string): Placed => [line, { authorization: `Bearer ${token}` }],
  query: (line: string, token: string): Placed => [
    `${line}?token=${encodeURIComponent(token)}`,
    {},
  ],
  cookie: (line: string, token: string): Placed => [
    line,
    { cookie: `theme=dark; __Host-pocketpaw_session=${token}` },
  ],
};

/**
 * Begins a request whose path goes out as it stands; `fetch` would tidy it up.
 *
 * @param line method and path, e.g. `GET /api/%61uth/login`
 */
export function begin({ port, ca, host }: Target, line: string, headers: Headers = {}) {
  const [method, path] = line.split(" ");
  const options = { host: "127.0.0.1", port, ca, agent: false, method, path };
  const all = { ...options, headers: { ...(host && { host }), ...headers } };
  return ca === undefined ? httpRequest(all) : tlsRequest(all);
}

/** Sends a request. @returns the head of its response, and after status 101 the connection */
export async function open(
  target: Target,
  line: string,
  headers?: Headers,
  body?: Uint8Array | string,
) {
  const outgoing = begin(target, line, headers).end(body);
  const settled = Promise.race([once(outgoing, "upgrade"), once(outgoing, "response")]);
  const [incoming, socket, first]: [IncomingMessage, Duplex?, Buffer?] = (await settled) as never;
  if (first !== undefined && first.length > 0) socket?.unshift(first);
  return { incoming, status: incoming.statusCode ?? 0, socket };
}

/** Sends a request. @returns the response; after status 101 the text is what the server sends first */
export async function send(...request: Parameters<typeof open>): Promise<Response> {
  const { incoming, status, socket } = await open(...request);
  const { headers } = incoming;
  if (socket === undefined) {
    const chunks: Buffer[] = await incoming.toArray().catch(() => []);
    return { status, headers, text: Buffer.concat(chunks).toString() };
  }
  const [first] = await Promise.race([once(socket, "data"), once(socket, "close")]);
  socket.destroy();
  return { status, headers, text: String(first) };
}

/** What a server that speaks TLS sends back to these bytes, until it closes or has been silent for a second. */
export function sendRaw({ port, ca }: Target, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: "127.0.0.1", port, ca }, () => socket.write(bytes, "latin1"));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.once("error", reject);
    socket.once("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  });
}
