import { describe, expect, test } from "vitest";
import type { Credential } from "../../../lib/http/credentials.ts";
import type { Request } from "../../../lib/http/request.ts";
import {
  credential,
  EXP,
  GOOD,
  openDecision as open,
  requestWith,
} from "../../support/decision.ts";
import { HOST as host } from "../../support/events.ts";
import {
  forgedToken,
  goodSession,
  HMAC_KEY,
  MASTER_TOKEN,
  sessionToken,
} from "../../support/tokens.ts";

/** A request on the browser's cookie alone. */
const byCookie = (parts: Partial<Request>) => requestWith([credential(GOOD, "cookie")], parts);
const own = `https://${host}`;
const ALLOWED = ["https://dash.example.com", "http://localhost:3000"];
const CROSS_ORIGIN = { accepted: false, reason: "cross_origin", token: GOOD };
/** Behind CloudFront the host is the API's. */
const AT_API = { host: "api.example.com", origins: [own] };
const EVIL = { host, origins: ["https://evil.example"], fetchSites: ["cross-site"] };

test.each<[string, Partial<Request>]>([
  ["of no browser", { origins: [], fetchSites: [] }],
  ["of the own page, by Sec-Fetch-Site", { fetchSites: ["same-origin"] }],
  ["of the address bar", { fetchSites: ["none"] }],
  ["of the own origin", { origins: [own] }],
  ["of the own origin, in upper case", { origins: ["https://PAW.example.com"] }],
  ["of the own origin, on its port", { host: `${host}:8443`, origins: [`${own}:8443`] }],
  ["of the own origin, on the default port", { host: `${host}:443`, origins: [own] }],
  ["of localhost", { host: "localhost:8000", origins: ["http://localhost:8000"] }],
  ["of localhost on port 80", { host: "localhost:80", origins: ["http://localhost"] }],
  ["of [::1]", { host: "[::1]:8000", origins: ["http://[::1]:8000"] }],
  ["of an allowed origin", { origins: ["https://dash.example.com"], fetchSites: ["cross-site"] }],
  [
    "of the own page, as the browser says, at another host",
    { ...AT_API, fetchSites: ["same-origin"] },
  ],
])("the cookie counts for an unsafe request %s", async (_name, parts) => {
  const { decideOn } = open({ allowedOrigins: ALLOWED });
  const request = byCookie({ method: "POST", ...parts });
  expect(await decideOn(request)).toMatchObject({ accepted: true });
});

describe("the cookie does not count for an unsafe request of another page", () => {
  test.each<[string, Partial<Request>]>([
    ["another site", EVIL],
    ["a subdomain beside it", { origins: ["https://blog.example.com"] }],
    ["a subdomain below it", { origins: [`https://a.${host}`] }],
    ["another port", { origins: [`${own}:8443`] }],
    ["another scheme", { origins: [`http://${host}`] }],
    ["the own host as a prefix", { origins: [`${own}.evil.example`] }],
    ["the own host as a suffix", { origins: [`https://evil${host}`] }],
    ["the own host as user info", { origins: [`${own}@evil.example`] }],
    ["the own origin with a path", { origins: [`${own}/`] }],
    ["two origins in one header", { origins: [`${own},https://evil.example`] }],
    ["a foreign origin before the own one", { origins: ["https://evil.example", own] }],
    ["an allowed origin beside another", { origins: [ALLOWED[0] ?? "", "https://evil.example"] }],
    ["a sandboxed page", { origins: ["null"] }],
    ["another port of localhost", { host: "localhost:8000", origins: ["http://localhost:3001"] }],
    ["https on localhost", { host: "localhost:8000", origins: ["https://localhost:8000"] }],
    ["http on the default port of https", { host: "localhost:443", origins: ["http://localhost"] }],
    ["https on port 80", { host: `${host}:80`, origins: [own] }],
    ["localhost against 127.0.0.1", { host: "127.0.0.1:80", origins: ["http://localhost"] }],
    ["an unknown host", { host: undefined, origins: [own] }],
    ["an allowed origin over http", { origins: ["http://dash.example.com"] }],
    ["the own origin, but same-site", { origins: [own], fetchSites: ["same-site"] }],
    ["Sec-Fetch-Site unknown", { fetchSites: ["same-origin-ish"] }],
    ["Sec-Fetch-Site twice", { fetchSites: ["same-origin", "cross-site"] }],
  ])("%s", async (_name, parts) => {
    const { decideOn } = open({ allowedOrigins: ALLOWED });
    const request = byCookie({ method: "POST", ...parts });
    expect(await decideOn(request)).toEqual(CROSS_ORIGIN);
  });

  const unsafe = (method?: string): [string | undefined, boolean] => [method, false];
  test.each<[string | undefined, boolean]>([
    ...["GET", "HEAD", "OPTIONS"].map((method): [string, boolean] => [method, true]),
    ...["POST", "PUT", "PATCH", "DELETE", "TRACE", "get", "", undefined].map(unsafe),
  ])("nor by any method but a safe one: %j: %j", async (method, accepted) => {
    const { decideOn } = open();
    expect(await decideOn(byCookie({ ...EVIL, method }))).toMatchObject({ accepted });
  });

  test.each<[string, Credential[]]>([
    ["an invalid bearer token", [credential("invalid")]],
    ["a forged one", [credential(forgedToken(EXP))]],
    ["an expired one", [credential(goodSession(1))]],
    ["an invalid ?token=", [credential("invalid", "query")]],
  ])("also with %s beside it", async (_name, others) => {
    const request = requestWith([...others, credential(GOOD, "cookie")], EVIL);
    expect(await open().decideOn({ ...request, method: "POST" })).toEqual(CROSS_ORIGIN);
  });
});

test("another page's cookie that is refused anyway keeps its reason", async () => {
  const request = requestWith([credential(forgedToken(EXP), "cookie")], EVIL);
  const decision = await open().decideOn({ ...request, method: "POST" });
  expect(decision).toMatchObject({ accepted: false, reason: "bad_mac" });
});

test.each<[string, Partial<Request>, boolean]>([
  ["the own origin", { origins: [own] }, true],
  ["an allowed origin", { origins: ["https://dash.example.com"] }, true],
  ["no origin", { origins: [] }, false],
  ["no origin, whatever Sec-Fetch-Site says", { fetchSites: ["same-origin"] }, false],
  ["another origin, whatever Sec-Fetch-Site says", { ...EVIL, fetchSites: ["none"] }, false],
  ["the own origin beside another", { origins: [own, "https://evil.example"] }, false],
])("a WebSocket by cookie needs an own or allowed Origin: %s", async (_name, parts, accepted) => {
  const { decideOn } = open({ allowedOrigins: ALLOWED });
  const request = byCookie({ isWebSocketHandshake: true, ...parts });
  expect(await decideOn(request)).toMatchObject({ accepted });
});

describe("a credential that no browser adds on its own counts for any page", () => {
  test.each<[string, Credential[]]>([
    ["a bearer token", [credential(GOOD)]],
    ["the master token", [credential(MASTER_TOKEN)]],
    ["a ?token=", [credential(GOOD, "query")]],
  ])("%s, also beside a cookie", async (_name, credentials) => {
    const other = credential(goodSession(EXP + 1), "cookie");
    for (const parts of [{ method: "POST" }, { isWebSocketHandshake: true }]) {
      const request = requestWith([...credentials, other], { ...EVIL, ...parts });
      expect(await open().decideOn(request)).toMatchObject({ accepted: true });
    }
  });

  test("a bearer token of the previous HMAC key, beside a cookie of the new one", async () => {
    const { decideOn, store } = open();
    const newKey = "k".repeat(48);
    store.rotate(newKey);
    const inCookie = credential(sessionToken(MASTER_TOKEN, newKey, EXP), "cookie");
    const request = requestWith([credential(GOOD), inCookie], { ...EVIL, method: "POST" });
    expect(await decideOn(request)).toMatchObject({ credential: credential(GOOD) });
  });

  test("a bearer token of a master token that has just changed, beside the old one's cookie", async () => {
    const { decideOn, decideOnTokens, store } = open();
    await decideOnTokens(GOOD);
    store.values.master = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
    const token = sessionToken(store.values.master, HMAC_KEY, EXP);
    const credentials = [credential(token), credential(GOOD, "cookie")];
    const request = requestWith(credentials, { ...EVIL, method: "POST" });
    expect(await decideOn(request)).toMatchObject({ credential: credential(token) });
  });
});

test("of several cookies any that verifies counts: a planted value does not hide the good one", async () => {
  const tokens = ["planted", forgedToken(EXP), GOOD, "x"];
  const cookies = tokens.map((each) => credential(each, "cookie"));
  expect(await open().decideOn(requestWith(cookies))).toMatchObject({ accepted: true });
});
