import { once } from "node:events";
import type { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import { HANDSHAKE, open, PLACES } from "../support/http.ts";
import { sessionIdFor } from "../support/tokens.ts";
import { examples, INVALID, VALID } from "./examples.ts";

const { cdkWebSocket: api } = examples;
const ROUTE = "GET /live";
const OWN_ORIGIN = `https://${api.host}`;

/** AWS turns a thrown "Unauthorized" into 401. The emulator says 500 for any error that is thrown. */
const REFUSAL = 500;

describe("the $connect route of a WebSocket API (CDK)", () => {
  test.each([
    ["header", ...PLACES.header(ROUTE, VALID)],
    ["query parameter", ...PLACES.query(ROUTE, VALID)],
    ["cookie", ROUTE, { ...PLACES.cookie(ROUTE, VALID)[1], origin: OWN_ORIGIN }],
  ] as const)("accepts a session token in the %s", async (_, line, headers) => {
    const { status, socket } = await connect(line, headers);
    expect(status).toBe(101);
    const [, expiresAt] = VALID.split(":");
    expect(JSON.parse(await askOver(socket, "hello"))).toEqual({
      caller: { method: "session", sessionId: sessionIdFor(VALID), expiresAt },
    });
  });

  test.each([
    ...INVALID.map(([what, token]) => [what, ...PLACES.query(ROUTE, token)] as const),
    ["a handshake without a credential", ROUTE, {}] as const,
    [
      "the cookie on a page of another origin",
      ROUTE,
      { ...PLACES.cookie(ROUTE, VALID)[1], origin: "https://evil.example" },
    ] as const,
  ])("refuses %s", async (_, line, headers) => {
    expect((await connect(line, headers)).status).toBe(REFUSAL);
  });
});

/** A handshake with the API. */
async function connect(line: string, headers: object) {
  const handshake = await open(api, line, { ...HANDSHAKE, ...headers });
  if (handshake.socket === undefined) handshake.incoming.destroy();
  return handshake;
}

/** One text frame of at most 125 bytes each way (RFC 6455 section 5.2); a client's is masked, here with zeros. */
async function askOver(socket: Duplex | undefined, message: string): Promise<string> {
  if (socket === undefined) throw new Error("the handshake was refused");
  const payload = Buffer.from(message);
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  const [frame]: [Buffer] = (await once(socket, "data")) as never;
  socket.destroy();
  const isLong = (frame[1] ?? 0) === 126;
  return frame.subarray(isLong ? 4 : 2).toString();
}
