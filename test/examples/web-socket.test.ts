import { once } from "node:events";
import { request } from "node:http";
import type { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Api } from "../deployed/support/http.ts";
import { sessionIdFor } from "../support/tokens.ts";
import { examples, INVALID, VALID } from "./examples.ts";

const api = { url: examples.url, id: examples.cdkWebSocket };
const OWN_ORIGIN = `https://${api.id}.execute-api.localhost`;

const queryOf = (token: string) => `?token=${encodeURIComponent(token)}`;
const cookieOf = (token: string) => `__Host-pocketpaw_session=${token}`;

/** AWS turns a thrown "Unauthorized" into 401. The emulator says 500 for any error that is thrown. */
const REFUSAL = 500;

describe("the $connect route of a WebSocket API (CDK)", () => {
  test.each([
    ["header", { headers: { authorization: `Bearer ${VALID}` } }],
    ["query parameter", { query: queryOf(VALID) }],
    ["cookie", { headers: { cookie: cookieOf(VALID), origin: OWN_ORIGIN } }],
  ])("accepts a session token in the %s", async (_, request) => {
    const handshake = await connect(api, request);
    expect(handshake.status).toBe(101);
    const [, expiresAt] = VALID.split(":");
    expect(JSON.parse(await handshake.ask("hello"))).toEqual({
      caller: { method: "session", sessionId: sessionIdFor(VALID), expiresAt },
    });
  });

  test.each(INVALID)("refuses %s", async (_, token) => {
    expect((await connect(api, { query: queryOf(token) })).status).toBe(REFUSAL);
  });

  test("refuses a handshake without a credential", async () => {
    expect((await connect(api, {})).status).toBe(REFUSAL);
  });

  test("refuses the cookie on a page of another origin", async () => {
    const headers = { cookie: cookieOf(VALID), origin: "https://evil.example" };
    expect((await connect(api, { headers })).status).toBe(REFUSAL);
  });
});

/** The key of RFC 6455's example. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** What a handshake led to: 101 and a connection, or another status. */
interface Handshake {
  readonly status: number;
  /** Sends one text message of at most 125 bytes, and waits for one back. Then closes. */
  readonly ask: (message: string) => Promise<string>;
}

/** A WebSocket handshake (RFC 6455 section 4.1) with an API's stage `live`. */
async function connect(
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
