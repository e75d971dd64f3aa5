import { once } from "node:events";
import { request } from "node:http";
import type { Duplex } from "node:stream";
import type { Api } from "../deployed/support/http.ts";

/** The key of RFC 6455's example. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** What a handshake led to: 101 and a connection, or another status. */
export interface Handshake {
  readonly status: number;
  /** Sends one text message of at most 125 bytes, and waits for one back. Then closes. */
  readonly ask: (message: string) => Promise<string>;
}

/** A WebSocket handshake (RFC 6455 section 4.1) with an API's stage `live`. */
export async function connect(
  api: Api,
  { query = "", headers = {} }: { query?: string; headers?: Record<string, string> },
): Promise<Handshake> {
  const { hostname, port } = new URL(api.url);
  const outgoing = request({
    hostname,
    port,
    path: `/live${query}`,
    headers: {
      host: `${api.id}.execute-api.localhost`,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": KEY,
      ...headers,
    },
  });
  outgoing.end();
  const settled = Promise.race([once(outgoing, "upgrade"), once(outgoing, "response")]);
  const [response, socket]: [{ statusCode: number; destroy: () => void }, Duplex?] =
    (await settled) as never;
  if (socket === undefined) response.destroy();
  return {
    status: response.statusCode,
    ask: (message) => askOver(socket, message),
  };
}

/** One text frame each way (RFC 6455 section 5.2); a client's frame is masked, here with zeros. */
async function askOver(socket: Duplex | undefined, message: string): Promise<string> {
  if (socket === undefined) throw new Error("the handshake was refused");
  const payload = Buffer.from(message);
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  const [frame]: [Buffer] = (await once(socket, "data")) as never;
  socket.destroy();
  const isLong = (frame[1] ?? 0) === 126;
  return frame.subarray(isLong ? 4 : 2).toString();
}
