import { describe, expect, test } from "vitest";
import { openBrowserFunctions } from "../support/browser.ts";
import { bearer, exchangeRequest, loginRequest, qrRequest } from "../support/events.ts";
import { bodyOf, handlerOver, request, storedToken } from "../support/regenerate-handler.ts";
import { openSecrets } from "../support/secrets.ts";
import { MASTER_TOKEN } from "../support/tokens.ts";

// What PocketPaw's own tests ask of its auth family (tests/test_api_v1_auth.py and
// tests/test_dashboard_security.py of its repository), in our words. Its rate limits are API Gateway's
// here; its Secure follows X-Forwarded-Proto, and ours the host, since API Gateway speaks only https.

const SESSION_COOKIE = /^pocketpaw_session=[^;]+;/;

describe("POST /api/v1/auth/session", () => {
  test("exchanges the master token for a session token and returns its hours", async () => {
    const { exchange } = openBrowserFunctions({ native: true });
    const response = await exchange(MASTER_TOKEN);
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(response.body)).toEqual({
      session_token: expect.stringContaining(":"),
      expires_in_hours: 24,
    });
  });

  test("refuses a wrong token, and a request without one, with 401", async () => {
    const { exchange, session } = openBrowserFunctions({ native: true });
    expect((await exchange("wrong-token")).statusCode).toBe(401);
    expect((await session(exchangeRequest({}))).statusCode).toBe(401);
  });

  test("its session token is accepted, and no other", async () => {
    const { exchange, contextOf } = openBrowserFunctions({ native: true });
    const { session_token: token } = JSON.parse((await exchange(MASTER_TOKEN)).body);
    expect(await contextOf(bearer(token))).toMatchObject({ method: "session" });
    expect(await contextOf(bearer(token.replace(/.{64}$/, "0".repeat(64))))).toBeUndefined();
    expect(await contextOf(bearer("no-colon-here"))).toBeUndefined();
    expect(await contextOf({})).toBeUndefined();
  });

  test("its session token ends with its hours, and with the master token", async () => {
    const { exchange, contextOf, clock, store } = openBrowserFunctions({
      native: true,
      ttlHours: 1,
    });
    const { session_token: token } = JSON.parse((await exchange(MASTER_TOKEN)).body);
    clock.advance(3_599);
    expect(await contextOf(bearer(token))).toBeDefined();
    clock.advance(1);
    expect(await contextOf(bearer(token))).toBeUndefined();

    const { session_token: another } = JSON.parse((await exchange(MASTER_TOKEN)).body);
    store.values.master = "another-master-token";
    clock.advance(60);
    expect(await contextOf(bearer(another))).toBeUndefined();
  });
});

describe("POST /api/v1/auth/login", () => {
  test.each([
    ["localhost:8000", false],
    ["paw.example.com", true],
  ])("on %s sets the session cookie; Secure: %j", async (Host, isSecure) => {
    const { login } = openBrowserFunctions({ native: true });
    const response = await login(loginRequest({ token: MASTER_TOKEN }, { headers: { Host } }));
    expect(response).toMatchObject({ statusCode: 200, body: '{"ok":true}' });
    expect(response.cookies).toEqual([expect.stringMatching(SESSION_COOKIE)]);
    expect(response.cookies?.[0]?.includes("; Secure")).toBe(isSecure);
  });

  test("refuses a wrong token with 401, and a body that is not JSON with 400", async () => {
    const { login } = openBrowserFunctions({ native: true });
    expect((await login(loginRequest({ token: "wrong" }))).statusCode).toBe(401);
    expect((await login(loginRequest("not-json"))).statusCode).toBe(400);
  });

  test("its cookie is accepted where a header would be", async () => {
    const { login, contextOf } = openBrowserFunctions({ native: true });
    const { cookies = [] } = await login(loginRequest({ token: MASTER_TOKEN }));
    const [cookie = ""] = cookies[0]?.split(";") ?? [];
    expect(await contextOf({ cookies: [cookie] })).toMatchObject({ method: "native" });
  });
});

test("POST /api/v1/auth/logout deletes the cookie", async () => {
  const { logout } = openBrowserFunctions({ native: true });
  expect(await logout(loginRequest(""))).toMatchObject({
    statusCode: 200,
    body: '{"ok":true}',
    cookies: [expect.stringMatching(/^pocketpaw_session=;.*Max-Age=0/)],
  });
});

test("GET /api/v1/qr is a PNG for the phone", async () => {
  const { qr } = openBrowserFunctions({ native: true });
  expect(await qr(qrRequest({ method: "master" }))).toMatchObject({
    statusCode: 200,
    headers: { "content-type": "image/png" },
    isBase64Encoded: true,
  });
});

test("POST /api/v1/token/regenerate makes a new master token, once, and returns it", async () => {
  const { client } = await openSecrets();
  const { handler } = handlerOver(client);
  const response = await handler(await request(client));
  expect(response.statusCode).toBe(200);
  const { token } = bodyOf(response);
  expect(token).not.toBe(MASTER_TOKEN);
  expect(await storedToken(client)).toBe(token);
});
