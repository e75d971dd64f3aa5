import { expect, test } from "vitest";
import { healthz } from "../../lib/functions/healthz.ts";
import { apiRequest, bearer, type ClientRequest, cookie, HOST, INFO } from "../support/events.ts";
import { ALLOWED_ORIGIN, CROSS_ORIGIN, json, openFunctions } from "../support/functions.ts";
import { MASTER_TOKEN } from "../support/tokens.ts";

const LINE = { event: "logout", ...INFO };
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
    ...json(200, { ok: true }, { "clear-site-data": '"storage"' }),
    cookies: [DELETED],
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

// Which pages are another origin's is in test/unit/auth/decide-cookie.test.ts.
test("logout refuses a page of another origin, and keeps the cookie", async () => {
  const { logout, entries } = openFunctions();
  const headers = { Origin: "https://evil.example" };
  expect(await logout(logoutRequest({ headers }))).toEqual(CROSS_ORIGIN);
  expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason: "cross_origin" }]);
});

test("healthz responds 200 and reads no secret", async () => {
  expect(await healthz()).toEqual(json(200, { ok: true }));
});
