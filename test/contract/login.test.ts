import { describe, expect, test } from "vitest";
import {
  apiRequest,
  bearer,
  type ClientRequest,
  cookie,
  HOST,
  loginRequest,
  REQUEST_ID,
  SOURCE_IP,
} from "../support/events.ts";
import {
  ALLOWED_ORIGIN,
  CROSS_ORIGIN,
  INTERNAL_ERROR,
  JSON_HEADERS,
  openBroken,
  openFunctions,
  UNAVAILABLE,
} from "../support/functions.ts";
import { named } from "../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  pairingToken,
  pocketPawToken,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";

const LINE = { event: "login", requestId: REQUEST_ID, sourceIp: SOURCE_IP };
const NOW = openFunctions().clock.seconds();
const session = (exp: number) => sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
const pairing = (exp: number, until: number) =>
  pairingToken(MASTER_TOKEN, HMAC_KEY, NOW + exp, NOW + until);
const withHeaders = (headers: Record<string, string>) =>
  loginRequest({ token: MASTER_TOKEN }, { headers });
const inBase64 = (body: string) => ({ ...loginRequest(base64(body)), isBase64Encoded: true });

describe("200, and the cookie", () => {
  test.each([
    ["the master token", MASTER_TOKEN, "master", NOW + 86_400],
    ["a session token, as it is", session(NOW + 99_999), "session", NOW + 99_999],
    ["a pairing token, to its session's end", pairing(60, 77), "pairing", NOW + 77],
    ["a pairing token, for a TTL at most", pairing(60, 99_999), "pairing", NOW + 86_400],
  ])("by %s", async (_name, token, method, exp) => {
    const { login, entries } = openFunctions();
    const found = session(exp);
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

  test.each([1, 720])("of %i hours, where that is the session's length", async (ttlHours) => {
    const { login } = openFunctions({ ttlHours });
    const { cookies } = await login(loginRequest({ token: MASTER_TOKEN }));
    expect(cookies?.[0]).toMatch(new RegExp(`; Max-Age=${ttlHours * 3_600}$`));
  });

  test("which has a name of its own on a loopback host, and which the authorizer accepts there", async () => {
    const { login, contextOf } = openFunctions();
    for (const [Host, name] of [
      ["localhost:8000", "pocketpaw_gateway_session"],
      [HOST, "__Host-pocketpaw_session"],
    ] as const) {
      const headers = { Host };
      const { cookies } = await login(loginRequest({ token: MASTER_TOKEN }, { headers }));
      const [pair = ""] = cookies?.[0]?.split(";") ?? [];
      expect(pair.split("=")[0]).toBe(name);
      expect(await contextOf({ headers, cookies: [pair] })).toMatchObject({ method: "session" });
    }
  });

  test.each<[string, ReturnType<typeof loginRequest>]>([
    ...[" ", "\n", "\t \r\n", "\u00a0", "\ufeff"].map(
      (space): [string, ReturnType<typeof loginRequest>] => [
        `white space around the token: ${JSON.stringify(space)}`,
        loginRequest({ token: space + MASTER_TOKEN + space }),
      ],
    ),
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

const REFUSED = {
  statusCode: 401,
  headers: { ...JSON_HEADERS, "www-authenticate": 'Bearer realm="pocketpaw"' },
  body: '{"detail":"Invalid access token"}',
};

describe("401, and no cookie: an existing session stays as it is", () => {
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

test.each<[string, object]>([
  ...["", "{", "null", "[]", "7", "true", '"text"', MASTER_TOKEN, `token=${MASTER_TOKEN}`].map(
    withBody,
  ),
  ...[
    `[{"token":"${MASTER_TOKEN}"}]`,
    `{"token":"${MASTER_TOKEN}"}}`,
    "{}\0",
    "\ufeff\ufeff{}",
  ].map(withBody),
  ["base64 of no JSON", { body: base64("no"), isBase64Encoded: true }],
  ["base64 that is not said to be", { body: base64("{}"), isBase64Encoded: "true" }],
  ["no body", { body: undefined }],
])("a body that is no JSON object gets 400: %s", async (_name, parts) => {
  const { login, entries, store } = openFunctions();
  expect(await login({ ...apiRequest("POST /api/auth/login", {}), ...parts } as never)).toEqual({
    statusCode: 400,
    headers: JSON_HEADERS,
    body: '{"detail":"Invalid JSON body"}',
  });
  const refused = { outcome: "refused", reason: "invalid_body" };
  expect(entries).toEqual([{ level: "WARN", ...LINE, ...refused }]);
  expect(store.reads.master).toBe(0);
});

test.each<[string, ReturnType<typeof loginRequest>]>([
  ["8,193 bytes", loginRequest(bodyOf(8_193))],
  ["4,100 letters of two bytes", loginRequest({ token: "é".repeat(4_100) })],
  ["8,193 bytes in base64", inBase64(bodyOf(8_193))],
  ["9,000 bytes that are no JSON", loginRequest("x".repeat(9_000))],
])("a body over 8 KB gets 413: %s", async (_name, event) => {
  const { login, entries } = openFunctions();
  expect(await login(event)).toEqual({
    statusCode: 413,
    headers: JSON_HEADERS,
    body: '{"detail":"The body is over 8192 bytes"}',
  });
  expect(entries).toMatchObject([{ level: "WARN", ...LINE, reason: "body_too_large" }]);
});

describe.each<ClientRequest>([
  { headers: { Origin: "https://evil.example" } },
  { headers: { Origin: "null" } },
  { headers: { Origin: `http://${HOST}` } },
  { headers: { "Sec-Fetch-Site": "cross-site" } },
  { headers: { "Sec-Fetch-Site": "same-site", Origin: `https://${HOST}` } },
])("a page of another origin: %j", (request) => {
  test.each<[string, unknown]>([
    ["the master token", { token: MASTER_TOKEN }],
    ["broken JSON", "{"],
    ["a body that is too large", "x".repeat(9_000)],
  ])("gets 403 and learns nothing, with %s", async (_name, body) => {
    const { login, entries, store } = openFunctions();
    expect(await login(loginRequest(body, request))).toEqual(CROSS_ORIGIN);
    const refused = { outcome: "refused", reason: "cross_origin" };
    expect(entries).toEqual([{ level: "WARN", ...LINE, ...refused }]);
    expect(store.reads.master).toBe(0);
  });
});

test.each([
  ["cannot be read", named("InternalServiceError", "down"), "secrets_unavailable"],
  ["are unusable", "too short", "secrets_unusable"],
])(
  "while secrets %s: 503; what could not be right is refused all the same",
  async (_name, value, reason) => {
    const { login, store, entries } = openFunctions();
    store.values.key = value;
    expect(await login(loginRequest({ token: MASTER_TOKEN }))).toEqual(UNAVAILABLE);
    expect(entries).toEqual([{ level: "ERROR", ...LINE, outcome: "failed", reason }]);
    expect(await login(loginRequest({}))).toEqual(REFUSED);
  },
);

test("an error of our own is 500, with its name in the log", async () => {
  const { login, entries } = openBroken(new TypeError(HMAC_KEY));
  expect(await login(loginRequest({ token: MASTER_TOKEN }))).toEqual(INTERNAL_ERROR);
  const failed = { outcome: "failed", reason: "internal_error", error: "TypeError" };
  expect(entries).toEqual([{ level: "ERROR", ...LINE, ...failed }]);
});

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function bodyOf(bytes: number): string {
  return JSON.stringify({ token: MASTER_TOKEN }).padEnd(bytes, " ");
}

function withBody(body: string): [string, object] {
  return [JSON.stringify(body), { body }];
}
