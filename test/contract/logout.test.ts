import { expect, test } from "vitest";
import { healthz } from "../../lib/functions/healthz.ts";
import {
  apiRequest,
  bearer,
  type ClientRequest,
  cookie,
  HOST,
  REQUEST_ID,
  SOURCE_IP,
} from "../support/events.ts";
import { ALLOWED_ORIGIN, CROSS_ORIGIN, JSON_HEADERS, openFunctions } from "../support/functions.ts";
import { MASTER_TOKEN } from "../support/tokens.ts";

const LINE = { event: "logout", requestId: REQUEST_ID, sourceIp: SOURCE_IP };
const DELETED = "__Host-pocketpaw_session=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0";
const logoutRequest = (request: ClientRequest) => apiRequest("POST /api/auth/logout", request);

test.each<[string, ClientRequest]>([
  ["without any credential", {}],
  ["with a session cookie", cookie("session:1:x")],
  ["with a bearer token", bearer(MASTER_TOKEN)],
  ["from the own page", { headers: { Origin: `https://${HOST}` } }],
  ["from an allowed page", { headers: { Origin: ALLOWED_ORIGIN } }],
])("logout deletes the cookie, and what the dashboard stored, %s", async (_name, request) => {
  const { logout, entries, store } = openFunctions();
  expect(await logout(logoutRequest(request))).toEqual({
    statusCode: 200,
    headers: { ...JSON_HEADERS, "clear-site-data": '"storage"' },
    cookies: [DELETED],
    body: '{"ok":true}',
  });
  expect(entries).toEqual([{ level: "INFO", ...LINE, outcome: "done" }]);
  expect(store.reads).toEqual({ master: 0, key: 0, previous: 0 });
});

test("logout deletes the cookie of a loopback host by its own name, without Secure", async () => {
  const { logout } = openFunctions();
  const { cookies } = await logout(logoutRequest({ headers: { Host: "localhost:8000" } }));
  expect(cookies).toEqual([
    "pocketpaw_gateway_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
  ]);
});

test.each([
  { Origin: "https://evil.example" },
  { Origin: "null" },
  { "Sec-Fetch-Site": "cross-site" },
  { "Sec-Fetch-Site": "same-site", Origin: "https://blog.example.com" },
])("logout refuses a page of another origin, and keeps the cookie: %j", async (headers) => {
  const { logout, entries } = openFunctions();
  expect(await logout(logoutRequest({ headers }))).toEqual(CROSS_ORIGIN);
  const refused = { outcome: "refused", reason: "cross_origin" };
  expect(entries).toEqual([{ level: "WARN", ...LINE, ...refused }]);
});

test("healthz responds 200 and reads no secret", async () => {
  expect(await healthz()).toEqual({ statusCode: 200, headers: JSON_HEADERS, body: '{"ok":true}' });
});
