import { describe, expect, test } from "vitest";
import { readAuthorizerSettings } from "../../lib/config/authorizer.ts";
import { allowedOriginsOf } from "../../lib/config/shared.ts";
import { acceptedMethods, createAuthorizer } from "../../lib/functions/authorizer.ts";
import {
  bearer,
  type ClientRequest,
  httpApi1,
  httpApi2,
  restRequest,
  webSocketConnect,
} from "../support/events.ts";
import { REQUIRED_SETTINGS } from "../support/handlers.ts";
import { createTestKeyring } from "../support/keyring.ts";
import { createTestLog } from "../support/logs.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";

const HOST = "paw.example.com";
const EVIL = { Host: HOST, Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
const KINDS = { httpApi2, httpApi1, restRequest };

function setUp(settings: Record<string, string> = {}) {
  const { keyring, clock, store } = createTestKeyring();
  const { log, entries } = createTestLog();
  const read = readAuthorizerSettings({ ...REQUIRED_SETTINGS, ...settings });
  const authorizer = createAuthorizer({
    keyring,
    accepts: acceptedMethods(read),
    allowedOrigins: allowedOriginsOf(read),
    now: clock.now,
    log,
  });
  const exp = clock.seconds() + 3600;
  const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
  const isAllowed = async (event: Parameters<typeof authorizer>[0]): Promise<boolean> =>
    authorizer(event).then(
      (result) => !("isAuthorized" in result) || result.isAuthorized,
      (error) => {
        expect(String(error)).toBe("Error: Unauthorized");
        return false;
      },
    );
  /** A request of a browser that has the cookie. */
  const withCookie = (request: ClientRequest): ClientRequest => ({
    ...request,
    cookies: ["theme=dark", `pocketpaw_session=${token}`],
  });
  return { isAllowed, withCookie, token, exp, entries, store };
}

describe.each(Object.entries(KINDS))(
  "%s: a page of another origin, on the browser's cookie",
  (_kind, event) => {
    test.each(["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "post"])(
      "is refused by %s, and the log says why",
      async (method) => {
        const { isAllowed, withCookie, entries, token } = setUp();
        expect(await isAllowed(event(withCookie({ method, headers: EVIL })))).toBe(false);
        expect(entries).toMatchObject([
          {
            level: "WARN",
            outcome: "refused",
            reason: "cross_origin",
            sessionId: sessionIdFor(token),
          },
        ]);
      },
    );

    test.each(["GET", "HEAD", "OPTIONS"])(
      "is allowed by %s, which changes nothing",
      async (method) => {
        const { isAllowed, withCookie } = setUp();
        expect(await isAllowed(event(withCookie({ method, headers: EVIL })))).toBe(true);
      },
    );

    test.each(["websocket", "WebSocket", "h2c, websocket"])(
      "is refused as the handshake of a WebSocket: %s",
      async (Upgrade) => {
        const { isAllowed, withCookie } = setUp();
        const request = { method: "GET", headers: { ...EVIL, Upgrade, Connection: "Upgrade" } };
        expect(await isAllowed(event(withCookie(request)))).toBe(false);
      },
    );

    test.each<[string, string]>([
      ["a subdomain", "https://blog.example.com"],
      ["the own host as a prefix", `https://${HOST}.evil.example`],
      ["the own host as a suffix", `https://evil${HOST}`],
      ["another port", `https://${HOST}:8443`],
      ["another scheme", `http://${HOST}`],
      ["a sandboxed page", "null"],
    ])("is refused although its origin looks alike: %s", async (_name, Origin) => {
      const { isAllowed, withCookie } = setUp();
      const request = { method: "POST", headers: { host: HOST, Origin } };
      expect(await isAllowed(event(withCookie(request)))).toBe(false);
    });

    test.each<[string, (token: string) => ClientRequest]>([
      ["an invalid bearer token", () => bearer("invalid")],
      ["a forged session token", () => bearer(forgedToken(4_102_444_800))],
      ["an expired session token", () => bearer(sessionToken(MASTER_TOKEN, HMAC_KEY, 1))],
      ["an empty bearer token", () => ({ headers: { Authorization: "Bearer " } })],
      ["Basic", () => ({ headers: { Authorization: "Basic eDp5" } })],
      ["an invalid ?token=", () => ({ query: [["token", "invalid"]] })],
      ["an empty ?token=", () => ({ query: [["token", ""]] })],
    ])("is refused also with %s beside it", async (_name, credential) => {
      const { isAllowed, withCookie, token } = setUp();
      const { headers, ...rest } = credential(token);
      const request = withCookie({ method: "POST", ...rest, headers: { ...EVIL, ...headers } });
      expect(await isAllowed(event(request))).toBe(false);
    });

    test("is allowed with a valid credential that no browser adds on its own", async () => {
      const { isAllowed, withCookie, token } = setUp();
      const valid: ClientRequest[] = [
        bearer(token),
        bearer(MASTER_TOKEN),
        { query: [["token", token]] },
      ];
      for (const { headers, ...rest } of valid) {
        const request = { method: "POST", ...rest, headers: { ...EVIL, ...headers } };
        expect(await isAllowed(event(request))).toBe(true);
        // The same credential in the cookie beside it changes nothing.
        const isCached = headers !== undefined || event === httpApi2;
        if (isCached) expect(await isAllowed(event(withCookie(request)))).toBe(true);
      }
    });

    test("is allowed with a token from before a rotation of the HMAC key, beside a cookie from after it", async () => {
      const { isAllowed, token, exp, store } = setUp();
      const newKey = "k".repeat(48);
      store.rotate(newKey);
      const cookies = [`pocketpaw_session=${sessionToken(MASTER_TOKEN, newKey, exp)}`];
      const { headers } = bearer(token);
      const request = { method: "POST", headers: { ...EVIL, ...headers }, cookies };
      expect(await isAllowed(event(request))).toBe(true);
    });

    test("is allowed with a token of a master token that has just changed, beside the old one's cookie", async () => {
      const { isAllowed, withCookie, token, exp, store } = setUp();
      expect(await isAllowed(event(bearer(token)))).toBe(true);
      store.values.master = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
      const { headers } = bearer(sessionToken(store.values.master, HMAC_KEY, exp));
      const request = withCookie({ method: "POST", headers: { ...EVIL, ...headers } });
      expect(await isAllowed(event(request))).toBe(true);
    });

    test.each<[string, Record<string, string>]>([
      ["the own page", { Host: HOST, Origin: `https://${HOST}`, "Sec-Fetch-Site": "same-origin" }],
      [
        "the own page of a browser without Sec-Fetch-Site",
        { Host: HOST, Origin: `https://${HOST}` },
      ],
      ["the own page, header names in lower case", { host: HOST, origin: `https://${HOST}` }],
      ["the own page, header names in upper case", { HOST, ORIGIN: `https://${HOST}` }],
      ["the address bar", { Host: HOST, "Sec-Fetch-Site": "none" }],
      ["no browser at all", { Host: HOST }],
      ["localhost", { Host: "localhost:8000", Origin: "http://localhost:8000" }],
    ])("%s is allowed", async (_name, headers) => {
      const { isAllowed, withCookie } = setUp();
      expect(await isAllowed(event(withCookie({ method: "POST", headers })))).toBe(true);
    });

    test.each([
      ["PUBLIC_URL", "https://dash.example.com", "https://dash.example.com", true],
      ["PUBLIC_URL", "https://dash.example.com/paw", "https://dash.example.com", true],
      ["PUBLIC_URL", "https://dash.example.com:443", "https://dash.example.com", true],
      ["PUBLIC_URL", "https://DASH.example.com", "https://dash.example.com", true],
      ["PUBLIC_URL", "https://dash.example.com", "http://dash.example.com", false],
      ["PUBLIC_URL", "https://dash.example.com", "https://dash.example.com.evil.example", false],
      ["ALLOWED_ORIGINS", "https://a.example, https://b.example", "https://b.example", true],
      ["ALLOWED_ORIGINS", "https://B.example", "https://b.example", true],
      ["ALLOWED_ORIGINS", "http://localhost:3000", "http://localhost:3000", true],
      ["ALLOWED_ORIGINS", "http://localhost:3000", "http://localhost:3001", false],
      ["ALLOWED_ORIGINS", "https://a.example,https://b.example", "https://c.example", false],
      [
        "ALLOWED_ORIGINS",
        "https://a.example,https://b.example",
        "https://a.example,https://b.example",
        false,
      ],
    ])("with %s %s, a page of %s is allowed: %s", async (setting, value, Origin, expected) => {
      const { isAllowed, withCookie } = setUp({ [setting]: value });
      const headers = {
        Host: "api-id.execute-api.amazonaws.com",
        Origin,
        "Sec-Fetch-Site": "cross-site",
      };
      expect(await isAllowed(event(withCookie({ method: "POST", headers })))).toBe(expected);
    });
  },
);

describe("a WebSocket API's $connect", () => {
  test("is refused to a page of another origin, on the browser's cookie", async () => {
    const { isAllowed, withCookie, entries } = setUp();
    expect(await isAllowed(webSocketConnect(withCookie({ headers: EVIL })))).toBe(false);
    expect(entries).toMatchObject([{ reason: "cross_origin" }]);
  });

  test.each<[string, Record<string, string>]>([
    ["the own page", { Host: HOST, Origin: `https://${HOST}` }],
    ["a client without a browser", { Host: HOST }],
  ])("is open to %s", async (_name, headers) => {
    const { isAllowed, withCookie } = setUp();
    expect(await isAllowed(webSocketConnect(withCookie({ headers })))).toBe(true);
  });

  test("is open to a page of any origin by a token in the query", async () => {
    const { isAllowed, token } = setUp();
    const request: ClientRequest = { headers: EVIL, query: [["token", token]] };
    expect(await isAllowed(webSocketConnect(request))).toBe(true);
  });
});

describe("a REST API's repeated headers, which are in multiValueHeaders alone", () => {
  test.each<[string, Record<string, string[]>, boolean]>([
    [
      "a foreign Origin before the own one",
      { Origin: ["https://evil.example", `https://${HOST}`] },
      false,
    ],
    ["a foreign Origin in lower case", { origin: ["https://evil.example"] }, false],
    [
      "Sec-Fetch-Site cross-site before same-origin",
      { "sec-fetch-site": ["cross-site", "same-origin"] },
      false,
    ],
    ["the own Origin", { Origin: [`https://${HOST}`] }, true],
  ])("%s", async (_name, multiValueHeaders, expected) => {
    const { isAllowed, withCookie } = setUp();
    const { headers, ...event } = restRequest(
      withCookie({ method: "POST", headers: { Host: HOST } }),
    );
    const own = { ...event.multiValueHeaders, ...multiValueHeaders };
    expect(await isAllowed({ ...event, headers, multiValueHeaders: own })).toBe(expected);
    expect(await isAllowed({ ...event, headers: null, multiValueHeaders: own })).toBe(expected);
  });
});

test("the source of the accepted token decides: the same token in header and cookie counts as the header's", async () => {
  const { isAllowed, withCookie, token } = setUp();
  const { headers } = bearer(token);
  const request = withCookie({ method: "POST", headers: { ...EVIL, ...headers } });
  expect(await isAllowed(httpApi2(request))).toBe(true);
});

test("a PocketPaw token in the cookie is no better than ours", async () => {
  const { isAllowed, exp } = setUp({ ACCEPT_NATIVE_TOKENS: "true" });
  const cookies = [`pocketpaw_session=${nativeToken(MASTER_TOKEN, exp)}`];
  expect(await isAllowed(httpApi2({ method: "POST", headers: EVIL, cookies }))).toBe(false);
  expect(await isAllowed(httpApi2({ method: "POST", headers: { Host: HOST }, cookies }))).toBe(
    true,
  );
});
