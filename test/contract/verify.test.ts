import { describe, expect, test } from "vitest";
import {
  bearer,
  type ClientRequest,
  cookie,
  REQUEST_ID,
  SOURCE_IP,
  verifyRequest,
} from "../support/events.ts";
import {
  CROSS_ORIGIN,
  INTERNAL_ERROR,
  JSON_HEADERS,
  openBroken,
  openFunctions,
  UNAVAILABLE,
} from "../support/functions.ts";
import { named } from "../support/secret-store.ts";
import {
  HMAC_KEY,
  MASTER_TOKEN,
  pairingToken,
  pocketPawToken,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";

const LINE = { event: "verification", requestId: REQUEST_ID, sourceIp: SOURCE_IP };
const EXP = openFunctions().exp;
const TOKEN = sessionToken(MASTER_TOKEN, HMAC_KEY, EXP);
const EVIL = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
const ALLOWED = { statusCode: 204, body: "" };
const WEBSOCKET = { path: "/ws" };

test("a session is allowed: 204, with what PocketPaw is to get", async () => {
  const { verify, entries } = openFunctions({ hasPocketPaw: true });
  expect(await verify(verifyRequest(bearer(TOKEN)))).toEqual({
    ...ALLOWED,
    headers: {
      "cache-control": "no-store",
      "x-session-id": sessionIdFor(TOKEN),
      "x-session-method": "session",
      "x-session-expires": String(EXP),
      "x-pocketpaw-cookie": `pocketpaw_session=${pocketPawToken(MASTER_TOKEN, EXP)}`,
    },
  });
  const found = { outcome: "allowed", method: "session", sessionId: sessionIdFor(TOKEN) };
  expect(entries).toEqual([{ level: "INFO", ...LINE, ...found }]);
});

test("the master token is allowed, and PocketPaw's token ends in 300 s", async () => {
  const { verify, clock } = openFunctions({ hasPocketPaw: true });
  const { headers } = await verify(verifyRequest(bearer(MASTER_TOKEN)));
  expect(headers).toStrictEqual({
    "cache-control": "no-store",
    "x-session-id": sessionIdFor(MASTER_TOKEN),
    "x-session-method": "master",
    "x-pocketpaw-cookie": `pocketpaw_session=${pocketPawToken(MASTER_TOKEN, clock.seconds() + 300)}`,
  });
  const without = openFunctions();
  expect((await without.verify(verifyRequest(bearer(TOKEN)))).headers).not.toHaveProperty(
    "x-pocketpaw-cookie",
  );
});

const challenge = (error = "") => ({
  statusCode: 401,
  headers: { ...JSON_HEADERS, "www-authenticate": `Bearer realm="pocketpaw"${error}` },
  body: '{"detail":"Unauthorized"}',
});
const INVALID = challenge(', error="invalid_token"');
const ODD = {
  statusCode: 403,
  headers: JSON_HEADERS,
  body: '{"detail":"The path is not allowed"}',
};

test.each<[string, ClientRequest, object, string]>([
  ["nothing", {}, challenge(), "missing"],
  ["a token in the query", { query: [["token", TOKEN]] }, challenge(), "missing"],
  ["a wrong token", bearer("wrong"), INVALID, "wrong_master"],
  ["a pairing token", bearer(pairingToken(MASTER_TOKEN, HMAC_KEY, EXP, EXP)), INVALID, "malformed"],
  ["PocketPaw's own cookie", { cookies: [`pocketpaw_session=${TOKEN}`] }, challenge(), "missing"],
  ["an odd path", { path: "/api/qr\n", ...bearer(TOKEN) }, ODD, "odd_path"],
  [
    "an unsafe request of another page",
    { method: "POST", headers: EVIL, ...cookie(TOKEN) },
    CROSS_ORIGIN,
    "cross_origin",
  ],
  [
    "another page's WebSocket",
    { ...WEBSOCKET, headers: EVIL, ...cookie(TOKEN) },
    CROSS_ORIGIN,
    "cross_origin",
  ],
  [
    "a WebSocket by cookie without an Origin",
    { ...WEBSOCKET, ...cookie(TOKEN) },
    CROSS_ORIGIN,
    "cross_origin",
  ],
])("%s is refused", async (_name, request, response, reason) => {
  const { verify, entries } = openFunctions({ hasPocketPaw: true });
  expect(await verify(verifyRequest(request))).toEqual(response);
  const named = reason === "cross_origin" && { sessionId: sessionIdFor(TOKEN) };
  expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason, ...named }]);
});

describe("what the proxy leaves out is never in the client's favour", () => {
  const without = (name: string, request: ClientRequest) => {
    const event = verifyRequest(request);
    return { ...event, headers: { ...event.headers, [name]: "" } };
  };

  test.each([
    ["x-original-method", { headers: EVIL, ...cookie(TOKEN) }, 403],
    ["x-original-uri", bearer(TOKEN), 403],
    ["x-original-host", cookie(TOKEN), 401],
  ])("%s", async (name, request, statusCode) => {
    const { verify } = openFunctions();
    expect(await verify(verifyRequest(request))).toMatchObject({ statusCode: 204 });
    expect(await verify(without(name, request))).toMatchObject({ statusCode });
  });
});

test.each([
  ["cannot be read", named("InternalServiceError", "down"), "secrets_unavailable"],
  ["are unusable", "too short", "secrets_unusable"],
])("while secrets %s: 503", async (_name, value, reason) => {
  const { verify, store, entries } = openFunctions();
  store.values.key = value;
  expect(await verify(verifyRequest(bearer(TOKEN)))).toEqual(UNAVAILABLE);
  expect(entries).toEqual([{ level: "ERROR", ...LINE, outcome: "failed", reason }]);
});

test("an error of our own is 500, with its name in the log", async () => {
  const { verify, entries } = openBroken(new RangeError(HMAC_KEY));
  expect(await verify(verifyRequest(bearer(TOKEN)))).toEqual(INTERNAL_ERROR);
  const failed = { outcome: "failed", reason: "internal_error", error: "RangeError" };
  expect(entries).toEqual([{ level: "ERROR", ...LINE, ...failed }]);
});
