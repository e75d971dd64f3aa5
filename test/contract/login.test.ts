import { describe, expect, test } from "vitest";
import { apiRequest, bearer, cookie, HOST, INFO, loginRequest } from "../support/events.ts";
import {
  ALLOWED_ORIGIN,
  CROSS_ORIGIN,
  JSON_HEADERS,
  json,
  openFunctions,
  unauthorized,
} from "../support/functions.ts";
import {
  forgedToken,
  goodPairing,
  goodSession,
  MASTER_TOKEN,
  pocketPawToken,
  sessionIdFor,
} from "../support/tokens.ts";

const LINE = { event: "login", ...INFO };
const NOW = openFunctions().clock.seconds();
const pairing = (exp: number, until: number) => goodPairing(NOW + exp, NOW + until);
const withHeaders = (headers: Record<string, string>) =>
  loginRequest({ token: MASTER_TOKEN }, { headers });
const base64 = (text: string) => Buffer.from(text).toString("base64");
const inBase64 = (body: string) => ({ ...loginRequest(base64(body)), isBase64Encoded: true });
const bodyOf = (bytes: number) => JSON.stringify({ token: MASTER_TOKEN }).padEnd(bytes, " ");

describe("200, and the cookie", () => {
  test.each([
    ["the master token", MASTER_TOKEN, "master", NOW + 86_400],
    ["a session token, as it is", goodSession(NOW + 99_999), "session", NOW + 99_999],
    ["a pairing token, to its session's end", pairing(60, 77), "pairing", NOW + 77],
    ["a pairing token, for a TTL at most", pairing(60, 99_999), "pairing", NOW + 86_400],
  ])("by %s", async (_name, token, method, exp) => {
    const { login, entries } = openFunctions();
    const found = goodSession(exp);
    expect(await login(loginRequest({ token }))).toEqual({
      statusCode: 200,
      headers: JSON_HEADERS,
      cookies: [
        `__Host-pocketpaw_session=${found}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=${exp - NOW}`,
      ],
      body: '{"ok":true}',
    });
    const allowed = { outcome: "allowed", method, sessionId: sessionIdFor(found) };
    expect(entries).toEqual([{ level: "INFO", ...LINE, ...allowed }]);
  });

  test.each([
    ["localhost:8000", "pocketpaw_gateway_session"],
    [HOST, "__Host-pocketpaw_session"],
  ])("which on %s is called %s, and which the authorizer accepts there", async (Host, name) => {
    const { login, contextOf } = openFunctions();
    const { cookies } = await login(withHeaders({ Host }));
    const [pair = ""] = cookies?.[0]?.split(";") ?? [];
    expect(pair.split("=")[0]).toBe(name);
    const request = { headers: { Host }, cookies: [pair] };
    expect(await contextOf(request)).toMatchObject({ method: "session" });
  });

  test.each<[string, ReturnType<typeof loginRequest>]>([
    ["a space around the token", loginRequest({ token: ` ${MASTER_TOKEN} ` })],
    ["white space around it", loginRequest({ token: `\ufeff${MASTER_TOKEN}\u00a0\r\n` })],
    ["a byte order mark before the JSON", loginRequest(`\ufeff{"token":"${MASTER_TOKEN}"}`)],
    ["8 KB", loginRequest(bodyOf(8_192))],
    ["8 KB in base64", inBase64(bodyOf(8_192))],
    ["another content type", withHeaders({ "Content-Type": "x" })],
    ["an allowed page", withHeaders({ Origin: ALLOWED_ORIGIN, "Sec-Fetch-Site": "cross-site" })],
    ["the own page", withHeaders({ Origin: `https://${HOST}` })],
  ])("with %s", async (_name, event) => {
    expect(await openFunctions().login(event)).toMatchObject({ statusCode: 200 });
  });
});

describe("401, and no cookie: an existing session stays as it is", () => {
  const REFUSED = unauthorized("Invalid access token");

  test.each<[string, unknown, string]>([
    ["a wrong token", { token: "wrong" }, "wrong_master"],
    ["an empty token", { token: "" }, "missing"],
    ["no token", {}, "missing"],
    ["a list with the master token", { token: [MASTER_TOKEN] }, "missing"],
    ["another name", { Token: MASTER_TOKEN, password: MASTER_TOKEN }, "missing"],
    ["an inherited one", `{"__proto__":{"token":"${MASTER_TOKEN}"}}`, "missing"],
    ["a forged session token", { token: forgedToken(NOW + 60) }, "bad_mac"],
    ["a pairing token that has ended", { token: pairing(0, 600) }, "expired"],
    ["a PocketPaw token", { token: pocketPawToken(MASTER_TOKEN, NOW + 60) }, "wrong_master"],
  ])("for %s", async (_name, body, reason) => {
    const { login, entries } = openFunctions({ hasPocketPaw: true });
    expect(await login(loginRequest(body))).toEqual(REFUSED);
    expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason }]);
  });

  test("for the master token anywhere but in the body", async () => {
    const query: [string, string][] = [["token", MASTER_TOKEN]];
    const request = { ...bearer(MASTER_TOKEN), query, ...cookie(MASTER_TOKEN) };
    expect(await openFunctions().login(loginRequest({}, request))).toEqual(REFUSED);
  });
});

test.each<object>([
  ...["", "{", "null", "[]", "7", "true", '"text"', MASTER_TOKEN, `token=${MASTER_TOKEN}`].map(
    (body) => ({ body }),
  ),
  { body: `[{"token":"${MASTER_TOKEN}"}]` },
  { body: "\ufeff\ufeff{}" },
  { body: base64("no"), isBase64Encoded: true },
  { body: base64("{}"), isBase64Encoded: "true" },
  { body: undefined },
])("a body that is no JSON object gets 400: %j", async (parts) => {
  const { login, entries, store } = openFunctions();
  const event = { ...apiRequest("POST /api/auth/login", {}), ...parts };
  expect(await login(event)).toEqual(json(400, { detail: "Invalid JSON body" }));
  expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason: "invalid_body" }]);
  expect(store.reads.master).toBe(0);
});

test.each<[string, ReturnType<typeof loginRequest>]>([
  ["8,193 bytes", loginRequest(bodyOf(8_193))],
  ["4,100 letters of two bytes", loginRequest({ token: "é".repeat(4_100) })],
  ["8,193 bytes in base64", inBase64(bodyOf(8_193))],
  ["9,000 bytes that are no JSON", loginRequest("x".repeat(9_000))],
])("a body over 8 KB gets 413: %s", async (_name, event) => {
  const { login, entries } = openFunctions();
  expect(await login(event)).toEqual(json(413, { detail: "The body is over 8192 bytes" }));
  expect(entries).toMatchObject([{ level: "WARN", ...LINE, reason: "body_too_large" }]);
});

// Which pages are another origin's is in test/unit/auth/decide-cookie.test.ts.
test.each<[string, unknown, Record<string, string>]>([
  ["the master token", { token: MASTER_TOKEN }, { Origin: "https://evil.example" }],
  ["no Origin", { token: MASTER_TOKEN }, { "Sec-Fetch-Site": "cross-site" }],
  ["broken JSON", "{", { Origin: "null" }],
  ["a body that is too large", "x".repeat(9_000), { Origin: `http://${HOST}` }],
])("another origin's page gets 403 and learns nothing, with %s", async (_name, body, headers) => {
  const { login, entries, store } = openFunctions();
  expect(await login(loginRequest(body, { headers }))).toEqual(CROSS_ORIGIN);
  expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason: "cross_origin" }]);
  expect(store.reads.master).toBe(0);
});
