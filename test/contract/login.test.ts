import { describe, expect, test } from "vitest";
import {
  ALLOWED_ORIGIN,
  JSON_HEADERS,
  openBrowserFunctions,
  UNAVAILABLE,
} from "../support/browser.ts";
import { bearer, loginRequest, REQUEST_ID, SOURCE_IP } from "../support/events.ts";
import { named } from "../support/secret-store.ts";
import {
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  pairingToken,
  sessionToken,
} from "../support/tokens.ts";

const HOST = "paw.example.com";
const REFUSED = {
  statusCode: 401,
  headers: { ...JSON_HEADERS, "www-authenticate": 'Bearer realm="pocketpaw"' },
  body: '{"detail":"Invalid access token"}',
};
const NOT_JSON = { statusCode: 400, headers: JSON_HEADERS, body: '{"detail":"Invalid JSON body"}' };
const LINE = { event: "login", requestId: REQUEST_ID, sourceIp: SOURCE_IP };

describe("the master token", () => {
  test.each([1, 24, 720])(
    "starts a session of %d hours, whose token is in the cookie alone",
    async (ttlHours) => {
      const { login, clock, entries } = openBrowserFunctions({ ttlHours });
      const token = sessionToken(MASTER_TOKEN, HMAC_KEY, clock.seconds() + ttlHours * 3600);
      expect(
        await login(loginRequest({ token: MASTER_TOKEN }, { headers: { Host: HOST } })),
      ).toEqual({
        statusCode: 200,
        headers: JSON_HEADERS,
        cookies: [
          `pocketpaw_session=${token}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=${ttlHours * 3600}`,
        ],
        body: '{"ok":true}',
      });
      expect(entries).toEqual([{ level: "INFO", ...LINE, outcome: "allowed", method: "master" }]);
    },
  );

  test("with PocketPaw behind the gateway the cookie holds a PocketPaw token of the same end", async () => {
    const { login, clock } = openBrowserFunctions({ native: true });
    const token = nativeToken(MASTER_TOKEN, clock.seconds() + 86_400);
    const { cookies } = await login(loginRequest({ token: MASTER_TOKEN }));
    expect(cookies).toEqual([expect.stringMatching(new RegExp(`^pocketpaw_session=${token};`))]);
  });

  test.each([false, true])(
    "the cookie is accepted by the authorizer; PocketPaw behind: %s",
    async (native) => {
      const { login, contextOf } = openBrowserFunctions({ native });
      const { cookies = [] } = await login(loginRequest({ token: MASTER_TOKEN }));
      const [cookie = ""] = cookies[0]?.split(";") ?? [];
      expect(await contextOf({ cookies: [cookie] })).toMatchObject({
        method: native ? "native" : "session",
      });
    },
  );

  test.each([" ", "\n", "\t \r\n", "\u00a0"])(
    "may have white space around it: %j",
    async (space) => {
      const { login } = openBrowserFunctions();
      const token = space + MASTER_TOKEN + space;
      expect(await login(loginRequest({ token }))).toMatchObject({ statusCode: 200 });
    },
  );

  test("may come in a base64-encoded body", async () => {
    const { login } = openBrowserFunctions();
    const body = JSON.stringify({ token: MASTER_TOKEN });
    const encoded = Buffer.from(body).toString("base64");
    const event = { ...loginRequest(encoded), isBase64Encoded: true };
    expect(await login(event)).toMatchObject({ statusCode: 200 });
  });

  test.each(["application/json", "text/plain", "application/x-www-form-urlencoded"])(
    "may come with the content type %s",
    async (type) => {
      const { login } = openBrowserFunctions();
      const request = loginRequest({ token: MASTER_TOKEN }, { headers: { "Content-Type": type } });
      expect(await login(request)).toMatchObject({ statusCode: 200 });
    },
  );

  test("counts at once when it has just been changed", async () => {
    const { login, store } = openBrowserFunctions();
    await login(loginRequest({ token: MASTER_TOKEN }));
    store.values.master = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
    expect(await login(loginRequest({ token: store.values.master }))).toMatchObject({
      statusCode: 200,
    });
  });

  test.each(["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])(
    "sets a cookie without Secure on %s, where browsers speak http",
    async (Host) => {
      const { login } = openBrowserFunctions();
      const { cookies } = await login(loginRequest({ token: MASTER_TOKEN }, { headers: { Host } }));
      expect(cookies?.[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=86400$/);
    },
  );

  test.each(["localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", ""])(
    "sets a Secure cookie on the host %j",
    async (Host) => {
      const { login } = openBrowserFunctions();
      const { cookies } = await login(loginRequest({ token: MASTER_TOKEN }, { headers: { Host } }));
      expect(cookies?.[0]).toContain("; HttpOnly; Secure; SameSite=Lax;");
    },
  );
});

describe("401 and no cookie", () => {
  const exp = 4_102_444_800;
  test.each<[string, unknown, string]>([
    ["a wrong token", { token: "wrong" }, "wrong_master"],
    ["an empty token", { token: "" }, "missing"],
    ["white space", { token: " \n" }, "missing"],
    ["no token", {}, "missing"],
    ["null", { token: null }, "missing"],
    ["a number", { token: 7 }, "missing"],
    ["a list with the master token", { token: [MASTER_TOKEN] }, "missing"],
    ["an object", { token: { token: MASTER_TOKEN } }, "missing"],
    ["another name", { Token: MASTER_TOKEN, password: MASTER_TOKEN }, "missing"],
    ["an inherited one", '{"__proto__":{"token":"x"}}', "missing"],
    ["the master token in upper case", { token: MASTER_TOKEN.toUpperCase() }, "wrong_master"],
    ["the master token and more", { token: `${MASTER_TOKEN} x` }, "wrong_master"],
    ["a session token", { token: sessionToken(MASTER_TOKEN, HMAC_KEY, exp) }, "malformed"],
    ["a pairing token", { token: pairingToken(MASTER_TOKEN, HMAC_KEY, exp, exp) }, "malformed"],
    ["a PocketPaw token", { token: nativeToken(MASTER_TOKEN, exp) }, "wrong_master"],
    ["a PocketPaw API key", { token: "pp_0123456789abcdef" }, "wrong_master"],
    ["the HMAC key", { token: HMAC_KEY }, "wrong_master"],
  ])("for %s", async (_name, body, reason) => {
    const { login, entries } = openBrowserFunctions({ native: true });
    expect(await login(loginRequest(body))).toEqual(REFUSED);
    expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason }]);
  });

  test("for the master token anywhere but in the body", async () => {
    const { login } = openBrowserFunctions();
    const request = {
      ...bearer(MASTER_TOKEN),
      query: [["token", MASTER_TOKEN]] as [string, string][],
      cookies: [`pocketpaw_session=${MASTER_TOKEN}`],
    };
    expect(await login(loginRequest({}, request))).toEqual(REFUSED);
  });
});

describe("a body that is no JSON object", () => {
  test.each([
    "",
    "{",
    "null",
    "[]",
    "7",
    "true",
    '"text"',
    `[{"token":"${MASTER_TOKEN}"}]`,
    `"${MASTER_TOKEN}"`,
    MASTER_TOKEN,
    `token=${MASTER_TOKEN}`,
    `{"token":"${MASTER_TOKEN}"}}`,
    `{'token':'${MASTER_TOKEN}'}`,
    "\ufeff{}",
    "{}\0",
  ])("gets 400: %j", async (body) => {
    const { login, entries, store } = openBrowserFunctions();
    expect(await login(loginRequest(body))).toEqual(NOT_JSON);
    expect(entries).toEqual([
      { level: "WARN", ...LINE, outcome: "refused", reason: "invalid_body" },
    ]);
    expect(store.reads.master).toBe(0);
  });

  test("gets 400 when there is none, and when base64 holds none", async () => {
    const { login } = openBrowserFunctions();
    const { body: _body, ...event } = loginRequest("");
    expect(await login(event)).toEqual(NOT_JSON);
    const encoded = {
      ...loginRequest(Buffer.from("no").toString("base64")),
      isBase64Encoded: true,
    };
    expect(await login(encoded)).toEqual(NOT_JSON);
  });
});

describe("a body's size", () => {
  const bodyOf = (bytes: number) => JSON.stringify({ token: MASTER_TOKEN }).padEnd(bytes, " ");

  test("8 KB are read, one byte more gets 413", async () => {
    const { login, entries } = openBrowserFunctions();
    expect(await login(loginRequest(bodyOf(8192)))).toMatchObject({ statusCode: 200 });
    expect(await login(loginRequest(bodyOf(8193)))).toEqual({
      statusCode: 413,
      headers: JSON_HEADERS,
      body: '{"detail":"The body is over 8192 bytes"}',
    });
    expect(entries.at(-1)).toEqual({
      level: "WARN",
      ...LINE,
      outcome: "refused",
      reason: "body_too_large",
    });
  });

  test("is counted in bytes, and after base64", async () => {
    const { login } = openBrowserFunctions();
    const letters = JSON.stringify({ token: "é".repeat(4_096) });
    expect(await login(loginRequest(letters))).toMatchObject({ statusCode: 413 });
    const encoded = (bytes: number) => ({
      ...loginRequest(Buffer.from(bodyOf(bytes)).toString("base64")),
      isBase64Encoded: true,
    });
    expect(await login(encoded(8192))).toMatchObject({ statusCode: 200 });
    expect(await login(encoded(8193))).toMatchObject({ statusCode: 413 });
  });
});

describe("a page of another origin", () => {
  const bodies = [
    ["the master token", { token: MASTER_TOKEN }],
    ["a wrong token", { token: "wrong" }],
    ["broken JSON", "{"],
    ["a body that is too large", "x".repeat(9_000)],
  ] as const;

  describe.each([
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { Origin: `http://${HOST}` },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site", Origin: `https://${HOST}` },
  ])("%j", (headers) => {
    test.each(bodies)("gets 403 and learns nothing, with %s", async (_name, body) => {
      const { login, entries, store } = openBrowserFunctions();
      const response = await login(loginRequest(body, { headers: { Host: HOST, ...headers } }));
      expect(response).toEqual({
        statusCode: 403,
        headers: JSON_HEADERS,
        body: '{"detail":"Requests from pages of another origin are not allowed"}',
      });
      expect(entries).toEqual([
        { level: "WARN", ...LINE, outcome: "refused", reason: "cross_origin" },
      ]);
      expect(store.reads.master).toBe(0);
    });
  });

  test.each([
    { Origin: ALLOWED_ORIGIN, "Sec-Fetch-Site": "cross-site" },
    { Origin: `https://${HOST}` },
  ])("may log in when its origin is allowed: %j", async (headers) => {
    const { login } = openBrowserFunctions();
    const request = { headers: { Host: HOST, ...headers } };
    expect(await login(loginRequest({ token: MASTER_TOKEN }, request))).toMatchObject({
      statusCode: 200,
    });
  });
});

describe("while secrets cannot be used", () => {
  test.each([
    ["cannot be read", named("InternalServiceError", "down"), "secrets_unavailable"],
    ["are unusable", "too short", "secrets_unusable"],
  ])("they %s: 503 without internals", async (_name, value, reason) => {
    const { login, store, entries } = openBrowserFunctions();
    store.values.key = value;
    expect(await login(loginRequest({ token: MASTER_TOKEN }))).toEqual(UNAVAILABLE);
    expect(entries).toEqual([{ level: "ERROR", ...LINE, outcome: "failed", reason }]);
  });

  test("a body that could not be right is refused all the same", async () => {
    const { login, store } = openBrowserFunctions();
    store.values.key = named("InternalServiceError", "down");
    expect(await login(loginRequest("{"))).toEqual(NOT_JSON);
    expect(await login(loginRequest({}))).toEqual(REFUSED);
  });
});
