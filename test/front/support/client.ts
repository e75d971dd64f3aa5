import { once } from "node:events";
import {
  type RequestOptions as HttpOptions,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { type RequestOptions, request as tlsRequest } from "node:https";
import { connect } from "node:tls";

/** A server on 127.0.0.1, and, where it speaks TLS, the CA of its certificate, PEM. */
export interface Target {
  readonly port: number;
  readonly ca?: string | undefined;
}

export interface Response {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

export type Headers = RequestOptions["headers"];

/** The headers of a WebSocket handshake (RFC 6455, section 4.1). */
export const HANDSHAKE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** Begins a request; `ca` decides whether it speaks TLS. */
export function begin({ port, ca }: Target, options: HttpOptions) {
  const all = { host: "127.0.0.1", port, ca, agent: false, ...options };
  return ca === undefined ? httpRequest(all) : tlsRequest(all);
}

/**
 * A request whose path goes out as it stands.
 *
 * @param line method and path, e.g. `GET /api/%61uth/login`
 * @returns the response; after status 101 the text is what the server sent first
 */
export async function send(
  target: Target,
  line: string,
  headers: Headers = {},
  body?: Buffer | string,
): Promise<Response> {
  const [method, path] = line.split(" ");
  const outgoing = begin(target, { method, path, headers });
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

/** What a server sends back to these bytes, until it closes or has been silent for a second. */
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
