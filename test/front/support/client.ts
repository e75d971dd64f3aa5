import type { IncomingMessage } from "node:http";
import { type RequestOptions, request } from "node:https";
import { connect } from "node:tls";

/** A server with TLS on 127.0.0.1, and the CA of its certificate, PEM. */
export interface Target {
  readonly port: number;
  readonly ca: string;
}

export interface Response {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

export type Headers = RequestOptions["headers"];

/**
 * A request whose path goes out as it stands.
 *
 * @param line method and path, e.g. `GET /api/%61uth/login`
 * @returns the response; status 101 with an empty text when the connection was upgraded, and then closed
 */
export function send(
  { port, ca }: Target,
  line: string,
  headers: Headers = {},
  body?: Buffer,
): Promise<Response> {
  const [method = "", path = ""] = line.split(" ");
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, ca, method, path, headers, agent: false });
    outgoing.once("error", reject);
    outgoing.once("upgrade", (incoming, socket) => {
      socket.destroy();
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: "" });
    });
    outgoing.once("response", async (incoming) => {
      const chunks: Buffer[] = await incoming.toArray().catch(() => []);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
    });
    outgoing.end(body);
  });
}

/** The headers of a WebSocket handshake (RFC 6455, section 4.1). */
export const HANDSHAKE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

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
