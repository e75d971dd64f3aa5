import { describe, expect, test } from "vitest";
import { bearer, type ClientRequest, cookie, exchangeRequest, INFO } from "../support/events.ts";
import { INVALID_TOKEN, json, openFunctions, unauthorized } from "../support/functions.ts";
import { goodPairing, goodSession, MASTER_TOKEN, sessionIdFor } from "../support/tokens.ts";

const FAR = 4_102_444_800;
const LINE = { event: "session_exchange", ...INFO };

describe("the master token", () => {
  test.each([1, 24, 720])("is exchanged for a session token of %i hours", async (ttlHours) => {
    const { exchange, clock, entries } = openFunctions({ ttlHours });
    const token = goodSession(clock.seconds() + ttlHours * 3_600);
    const body = { session_token: token, expires_in_hours: ttlHours };
    expect(await exchange(MASTER_TOKEN)).toEqual(json(200, body));
    const found = { outcome: "allowed", method: "master", sessionId: sessionIdFor(token) };
    expect(entries).toEqual([{ level: "INFO", ...LINE, ...found }]);
  });

  test("with PocketPaw behind the gateway the cookie holds the same token", async () => {
    const functions = openFunctions({ hasPocketPaw: true });
    const exp = functions.clock.seconds() + 86_400;
    expect((await functions.exchange(MASTER_TOKEN)).cookies).toEqual([
      `__Host-pocketpaw_session=${goodSession(exp)}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=86400`,
    ]);
    const headers = { ...bearer(MASTER_TOKEN).headers, Host: "localhost:8000" };
    const { cookies } = await functions.session(exchangeRequest({ headers }));
    expect(cookies?.[0]).toMatch(/^pocketpaw_gateway_session=/);
  });

  test("makes a token of whole seconds, also where the clock has none", async () => {
    const { exchange, clock } = openFunctions();
    const token = goodSession(clock.seconds() + 86_400);
    clock.advance(0.999);
    expect(JSON.parse((await exchange(MASTER_TOKEN)).body).session_token).toBe(token);
  });
});

describe("401", () => {
  test.each<[string, ClientRequest]>([
    ["nothing", {}],
    ["two tokens", { headers: { Authorization: `Bearer x, Bearer ${MASTER_TOKEN}` } }],
    ["the master token in the query", { query: [["token", MASTER_TOKEN]] }],
    ["the master token in the cookie", cookie(MASTER_TOKEN)],
  ])("without an error code for %s; no secret is read", async (_name, request) => {
    const { session, store, entries } = openFunctions();
    const response = await session(exchangeRequest(request));
    expect(response).toEqual(unauthorized("Invalid master token"));
    expect(store.reads).toEqual({ master: 0, key: 0, previous: 0 });
    expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason: "missing" }]);
  });

  test.each([
    ["a wrong token", "wrong", "wrong_master"],
    ["a session token", goodSession(FAR), "malformed"],
    ["a pairing token", goodPairing(FAR, FAR), "malformed"],
  ])("with invalid_token for %s", async (_name, token, reason) => {
    const { exchange, entries } = openFunctions();
    expect(await exchange(token)).toEqual(unauthorized("Invalid master token", INVALID_TOKEN));
    expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason }]);
  });
});
