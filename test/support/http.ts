import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as tlsRequest } from "node:https";
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

/** Sends a request. @returns the response; after status 101 the text is what the server sent first */
export async function send(
  target: Target,
  line: string,
  headers?: Headers,
  body?: Buffer | string,
): Promise<Response> {
  const outgoing = begin(target, line, headers);
  const upgraded = once(outgoing, "upgrade").then(async ([incoming, socket, head]) => {
    const [first] =
      head.length > 0 ? [head] : await Promise.race([once(socket, "data"), once(socket, "close")]);
    socket.destroy();
    return { ...read(incoming), text: String(first) };
  });
  const responded = once(outgoing, "response").then(async ([incoming]) => {
    const chunks: Buffer[] = await incoming.toArray().catch(() => []);
    return { ...read(incoming), text: Buffer.concat(chunks).toString() };
  });
  outgoing.end(body);
  return Promise.race([upgraded, responded]);
}

const read = ({ statusCode = 0, headers }: IncomingMessage) => ({ status: statusCode, headers });

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
