import { describe, expect, test } from "vitest";
import { sessionIdFor } from "../support/tokens.ts";
import { examples, INVALID, VALID } from "./examples.ts";
import { connect } from "./web-socket.ts";

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
