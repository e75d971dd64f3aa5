import { type OutgoingHttpHeaders, request } from "node:http";
import { setTimeout } from "node:timers/promises";
import { HANDSHAKE } from "./client.ts";

/** PocketPaw allows an address two handshakes a second; what it refuses for that reason looks like any refusal. */
const INTERVAL_MILLISECONDS = 500;
let nextTurn = 0;

/** Waits until PocketPaw allows one more handshake. */
export async function takeTurn(): Promise<void> {
  const turn = Math.max(nextTurn, Date.now());
  nextTurn = turn + INTERVAL_MILLISECONDS;
  await setTimeout(turn - Date.now());
}

/**
 * Tries to open PocketPaw's WebSocket.
 *
 * @param port of a server on 127.0.0.1
 * @returns the type of PocketPaw's first message, `closed` when there was none, or the status of the refusal
 */
export function openChat(
  port: number,
  path: string,
  headers: OutgoingHttpHeaders,
): Promise<string | number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: "127.0.0.1",
      port,
      path,
      agent: false,
      headers: { ...HANDSHAKE, ...headers },
    });
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    outgoing.once("upgrade", (_response, socket, head) => {
      let bytes = head;
      const read = (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        const text = firstMessage(bytes);
        if (text === undefined) return;
        resolve(text === "" ? "closed" : JSON.parse(text).type);
        socket.destroy();
      };
      socket.on("data", read);
      socket.once("error", () => resolve("closed"));
      socket.once("close", () => resolve("closed"));
      read(Buffer.alloc(0));
    });
    outgoing.end();
  });
}

const TEXT_FRAME = 0x81;

/**
 * RFC 6455, section 5.2; a server does not mask what it sends.
 *
 * @returns the text of the first frame, once it is complete; the empty text for any other frame
 */
function firstMessage(bytes: Buffer): string | undefined {
  if (bytes.length < 4) return undefined;
  if (bytes.readUInt8(0) !== TEXT_FRAME) return "";
  const short = bytes.readUInt8(1);
  const [start, length] = short < 126 ? [2, short] : [4, bytes.readUInt16BE(2)];
  return bytes.length < start + length ? undefined : bytes.toString("utf8", start, start + length);
}
