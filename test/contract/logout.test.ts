import { describe, expect, test } from "vitest";
import { healthz } from "../../lib/functions/healthz.ts";
import { ALLOWED_ORIGIN, JSON_HEADERS, openBrowserFunctions } from "../support/browser.ts";
import {
  apiRequest,
  bearer,
  type ClientRequest,
  REQUEST_ID,
  SOURCE_IP,
} from "../support/events.ts";
import { MASTER_TOKEN } from "../support/tokens.ts";

const HOST = "paw.example.com";
const LINE = { event: "logout", requestId: REQUEST_ID, sourceIp: SOURCE_IP };
const logoutRequest = (request: ClientRequest = {}) => apiRequest("POST /api/auth/logout", request);

describe("logout", () => {
  test.each<[string, ClientRequest]>([
    ["without any credential", {}],
    ["with a session cookie", { cookies: ["pocketpaw_session=session:1:x"] }],
    ["with a bearer token", bearer(MASTER_TOKEN)],
    ["from the own page", { headers: { Host: HOST, Origin: `https://${HOST}` } }],
    ["from an allowed page", { headers: { Host: HOST, Origin: ALLOWED_ORIGIN } }],
  ])("deletes the cookie, %s", async (_name, request) => {
    const { logout, entries, store } = openBrowserFunctions();
    expect(await logout(logoutRequest(request))).toEqual({
      statusCode: 200,
      headers: JSON_HEADERS,
      cookies: ["pocketpaw_session=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0"],
      body: '{"ok":true}',
    });
    expect(entries).toEqual([{ level: "INFO", ...LINE, outcome: "done" }]);
    expect(store.reads).toEqual({ master: 0, key: 0, previous: 0 });
  });

  test("deletes the cookie of localhost as it was set there: without Secure", async () => {
    const { logout } = openBrowserFunctions();
    const { cookies } = await logout(logoutRequest({ headers: { Host: "localhost:8000" } }));
    expect(cookies).toEqual(["pocketpaw_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"]);
  });

  test.each([
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site", Origin: "https://blog.example.com" },
  ])("refuses a page of another origin, and keeps the cookie: %j", async (headers) => {
    const { logout, entries } = openBrowserFunctions();
    expect(await logout(logoutRequest({ headers: { Host: HOST, ...headers } }))).toEqual({
      statusCode: 403,
      headers: JSON_HEADERS,
      body: '{"detail":"Requests from pages of another origin are not allowed"}',
    });
    expect(entries).toEqual([
      { level: "WARN", ...LINE, outcome: "refused", reason: "cross_origin" },
    ]);
  });
});

test("healthz responds 200 and reads no secret", async () => {
  expect(await healthz()).toEqual({ statusCode: 200, headers: JSON_HEADERS, body: '{"ok":true}' });
});
