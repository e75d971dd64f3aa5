import { describe, expect, test } from "vitest";
import { forgedToken, nativeToken, sessionIdFor, sessionToken } from "../support/tokens.ts";
import { deployed, gateway } from "./support/deployed.ts";
import { PLACES, send } from "./support/http.ts";

const { masterToken, hmacKey } = deployed;
const now = Math.floor(Date.now() / 1000);
const session = sessionToken(masterToken, hmacKey, now + 3600);
const expired = sessionToken(masterToken, hmacKey, now - 1);
const native = nativeToken(masterToken, now + 3600);
const places = Object.entries(PLACES);

/** Credentials that are refused wherever they stand. */
const REFUSED = {
  "a forged session token": forgedToken(now + 3600),
  "an expired session token": expired,
  "a session token with one digit changed": session.replace(/.$/, (c) => (c === "0" ? "1" : "0")),
  "a session token in upper case": session.toUpperCase(),
  "a wrong master token": "8c7e6f0a-3b1d-4e2f-9a5c-d4b3c2a1f0e9",
  "an expired token of PocketPaw's own": nativeToken(masterToken, now - 1),
  "a token of PocketPaw's own under another master token": nativeToken("other", now + 3600),
};

describe.each(["/api/auth/session", "/api/v1/auth/session"])("POST %s", (path) => {
  const exchange = (headers: Record<string, string>) => send(gateway, `POST ${path}`, { headers });

  test("exchanges the master token for a session token", async () => {
    const reply = await exchange({ authorization: `Bearer ${masterToken}` });
    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({
      session_token: expect.stringMatching(/^session:[0-9]{10}:[0-9a-f]{64}$/),
      expires_in_hours: deployed.parameters.sessionTtlHours,
    });
    expect(reply.headers["cache-control"]).toBe("no-store");
    expect(reply.headers["content-type"]).toBe("application/json");
  });

  test("accepts the scheme in any case, and ignores a body", async () => {
    const headers = { authorization: `bEARER ${masterToken}` };
    const reply = await send(gateway, `POST ${path}`, { headers, body: { token: "ignored" } });
    expect(reply.status).toBe(200);
  });

  test.each([
    ["no token", {}],
    ["another scheme", { authorization: `Basic ${masterToken}` }],
  ])("refuses %s with a challenge", async (_, headers) => {
    const reply = await exchange(headers as Record<string, string>);
    expect(reply.status).toBe(401);
    expect(reply.json()).toEqual({ detail: "Invalid master token" });
    expect(reply.headers["www-authenticate"]).toBe('Bearer realm="pocketpaw"');
  });

  test.each([
    ["a wrong token", "wrong"],
    ["a session token", session],
    ["a token of PocketPaw's own", native],
  ])("refuses %s as invalid", async (_, token) => {
    const reply = await exchange({ authorization: `Bearer ${token}` });
    expect(reply.status).toBe(401);
    expect(reply.json()).toEqual({ detail: "Invalid master token" });
    expect(reply.headers["www-authenticate"]).toBe(
      'Bearer realm="pocketpaw", error="invalid_token"',
    );
  });
});

describe.each(["/api/auth/session", "/api/v1/auth/session"])("GET %s", (path) => {
  test.each(places)("describes a session token in the %s", async (_, place) => {
    const reply = await send(gateway, ...place(`GET ${path}`, session));
    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({
      authenticated: true,
      method: "session",
      expires_at: now + 3600,
      expires_in_seconds: expect.any(Number),
    });
  });

  test.each(places)("describes the master token in the %s", async (_, place) => {
    const reply = await send(gateway, ...place(`GET ${path}`, masterToken));
    expect(reply.json()).toEqual({
      authenticated: true,
      method: "master",
      expires_at: null,
      expires_in_seconds: null,
    });
  });

  test.each(places)("describes a PocketPaw token in the %s", async (_, place) => {
    const reply = await send(gateway, ...place(`GET ${path}`, native));
    expect(reply.json()).toMatchObject({ authenticated: true, method: "native" });
  });

  test("counts down to the token's end", async () => {
    const reply = await send(gateway, ...PLACES.header(`GET ${path}`, session));
    const { expires_at, expires_in_seconds } = reply.json() as Record<string, number>;
    const left = Math.floor((expires_at ?? 0) - Date.now() / 1000);
    expect(Math.abs((expires_in_seconds ?? 0) - left)).toBeLessThan(30);
  });
});

describe("the authorizer", () => {
  const target = "GET /api/auth/session";

  test("refuses a request without a credential", async () => {
    expect((await send(gateway, target)).status).toBe(403);
  });

  describe.each(places)("by the %s", (_, place) => {
    test.each(Object.entries(REFUSED))("refuses %s", async (_name, token) => {
      expect((await send(gateway, ...place(target, token))).status).toBe(403);
    });
  });

  test("allows a request with any one valid credential", async () => {
    const [, { headers }] = PLACES.cookie(target, session);
    const reply = await send(gateway, `${target}?token=${expired}`, {
      headers: { ...headers, authorization: `Bearer ${forgedToken(now + 3600)}` },
    });
    expect(reply.status).toBe(200);
  });

  test("gives routes the method, the end and the id of the session, and never the token", async () => {
    const reply = await send(gateway, ...PLACES.header("GET /reports", session));
    expect(reply.json()).toMatchObject({
      caller: {
        method: "session",
        expiresAt: String(now + 3600),
        sessionId: sessionIdFor(session),
      },
    });
    expect(reply.text).not.toContain(session);
  });
});
