import { describe, expect, test } from "vitest";
import { createSession } from "../../lib/functions/session.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { documented } from "../support/documented.ts";
import { bearer, exchangeRequest, REQUEST_ID, SOURCE_IP } from "../support/events.ts";
import { createTestKeyring } from "../support/keyring.ts";
import { createTestLog } from "../support/logs.ts";
import { named } from "../support/secret-store.ts";
import {
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";

function setUp(sessionTtlHours = 24) {
  const context = createTestKeyring();
  const { log, entries } = createTestLog();
  const dependencies = { keyring: context.keyring, now: context.clock.now, log };
  const handle = documented(
    "POST /auth/session",
    createSession({ ...dependencies, sessionTtlHours, setsCookie: false }),
  );
  return { ...context, handle, entries, exp: context.clock.seconds() + sessionTtlHours * 3_600 };
}

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

/** The contract's 401, with or without an error code in its challenge. */
function expectUnauthorized(response: HttpResponse, challenge: string): void {
  expect(response).toEqual({
    statusCode: 401,
    headers: { ...HEADERS, "www-authenticate": challenge },
    body: '{"detail":"Invalid master token"}',
  });
}

describe("the master token", () => {
  test.each([1, 24, 720])("is exchanged for a session token of %d hours", async (hours) => {
    const { handle, exp } = setUp(hours);
    expect(await handle(exchangeRequest(bearer(MASTER_TOKEN)))).toEqual({
      statusCode: 200,
      headers: HEADERS,
      body: JSON.stringify({
        session_token: sessionToken(MASTER_TOKEN, HMAC_KEY, exp),
        expires_in_hours: hours,
      }),
    });
  });

  test("exp is a whole second, also where the clock is not", async () => {
    const { handle, clock, exp } = setUp();
    clock.advance(0.999);
    const { body } = await handle(exchangeRequest(bearer(MASTER_TOKEN)));
    expect(JSON.parse(body).session_token).toBe(sessionToken(MASTER_TOKEN, HMAC_KEY, exp));
  });

  test.each(["Bearer", "bearer", "BEARER"])("with the scheme %s, and any body", async (scheme) => {
    const { handle } = setUp();
    const event = exchangeRequest({ headers: { Authorization: `${scheme} ${MASTER_TOKEN}` } });
    expect(await handle({ ...event, body: "{not json" })).toMatchObject({ statusCode: 200 });
  });

  test("headers in their sender's spelling, as serverless-offline hands them over, are found", async () => {
    const { handle } = setUp();
    const event = { ...exchangeRequest({}), ...bearer(MASTER_TOKEN) };
    expect(await handle(event as typeof event & { headers: Record<string, string> })).toMatchObject(
      { statusCode: 200 },
    );
  });

  test("a new token is under the new HMAC key, at the latest after 60 s", async () => {
    const { handle, store, clock, exp } = setUp();
    await handle(exchangeRequest(bearer(MASTER_TOKEN)));
    store.rotate("k".repeat(48));
    clock.advance(60);
    const { body } = await handle(exchangeRequest(bearer(MASTER_TOKEN)));
    const token = sessionToken(MASTER_TOKEN, "k".repeat(48), exp + 60);
    expect(JSON.parse(body).session_token).toBe(token);
  });
});

describe("401", () => {
  test.each([
    ["nothing", {}],
    ["an empty header", { headers: { Authorization: "" } }],
    ["a scheme alone", { headers: { Authorization: "Bearer " } }],
    ["another scheme", { headers: { Authorization: `Basic ${MASTER_TOKEN}` } }],
    ["no scheme", { headers: { Authorization: MASTER_TOKEN } }],
    ["the master token as a query parameter", { query: [["token", MASTER_TOKEN]] }],
    ["the master token in the cookie", { cookies: [`pocketpaw_session=${MASTER_TOKEN}`] }],
  ])("without an error code for %s", async (_name, request) => {
    const { handle, store } = setUp();
    const response = await handle(
      exchangeRequest(request as Parameters<typeof exchangeRequest>[0]),
    );
    expectUnauthorized(response, 'Bearer realm="pocketpaw"');
    expect(store.reads).toEqual({ master: 0, key: 0, previous: 0 });
  });

  test.each([
    ["a wrong token", "wrong"],
    ["one with a letter more", `${MASTER_TOKEN}0`],
    ["one with a letter less", MASTER_TOKEN.slice(1)],
    ["one in upper case", MASTER_TOKEN.toUpperCase()],
    ["the HMAC key", HMAC_KEY],
    ["a session token", sessionToken(MASTER_TOKEN, HMAC_KEY, 4_102_444_800)],
    ["a PocketPaw token", nativeToken(MASTER_TOKEN, 4_102_444_800)],
    ["8,000 letters", "x".repeat(8_000)],
  ])("with invalid_token for %s", async (_name, token) => {
    const { handle } = setUp();
    const response = await handle(exchangeRequest(bearer(token)));
    expectUnauthorized(response, 'Bearer realm="pocketpaw", error="invalid_token"');
  });

  test("a session token is not exchanged for another", async () => {
    const { handle } = setUp();
    const { body } = await handle(exchangeRequest(bearer(MASTER_TOKEN)));
    const token = JSON.parse(body).session_token;
    expect(await handle(exchangeRequest(bearer(token)))).toMatchObject({ statusCode: 401 });
  });
});

describe.each(["master", "key"] as const)("503, with no internals, for the %s", (version) => {
  test.each([
    [
      "cannot be read",
      named("AccessDeniedException", "arn:aws:… is not authorized"),
      "unavailable",
    ],
    ["does not exist", undefined, "unavailable"],
    ["is empty", "", "unusable"],
    ["is binary", new Uint8Array(48), "unusable"],
    ["is no whole JSON", '{"token":"abc', "unusable"],
  ])("when its secret %s", async (_name, value, reason) => {
    const { handle, store, entries } = setUp();
    store.values[version] = value;
    const response = await handle(exchangeRequest(bearer(MASTER_TOKEN)));
    expect(response).toEqual({
      statusCode: 503,
      headers: { ...HEADERS, "retry-after": expect.stringMatching(/^[1-9][0-9]*$/) },
      body: '{"detail":"Authentication is temporarily unavailable"}',
    });
    expect(entries.at(-1)).toMatchObject({
      level: "ERROR",
      outcome: "failed",
      reason: `secrets_${reason}`,
    });
  });
});

describe("503", () => {
  test("when the key has under 32 bytes", async () => {
    const { handle, store } = setUp();
    store.values.key = "k".repeat(31);
    expect(await handle(exchangeRequest(bearer(MASTER_TOKEN)))).toMatchObject({ statusCode: 503 });
    expect(await handle(exchangeRequest(bearer("wrong")))).toMatchObject({ statusCode: 503 });
  });

  test("but not for a request without a token, which no secret could make right", async () => {
    const { handle, store } = setUp();
    store.values.key = undefined;
    expect(await handle(exchangeRequest({}))).toMatchObject({ statusCode: 401 });
  });

  test("a clock without a time signs nothing", async () => {
    const { keyring } = setUp();
    const { log } = createTestLog();
    const handle = createSession({
      keyring,
      sessionTtlHours: 24,
      setsCookie: false,
      now: () => Number.NaN,
      log,
    });
    expect(await handle(exchangeRequest(bearer(MASTER_TOKEN)))).toMatchObject({ statusCode: 503 });
  });
});

describe("with a warm cache, while the secrets cannot be read", () => {
  test("nothing changes for clients until they are 900 s old", async () => {
    const { handle, store, clock, entries } = setUp();
    await handle(exchangeRequest(bearer(MASTER_TOKEN)));
    store.values.master = named("InternalServiceError", "down");
    store.values.key = named("InternalServiceError", "down");
    for (const [seconds, statusCode] of [
      [60, 200],
      [839, 200],
      [1, 503],
    ] as const) {
      clock.advance(seconds);
      const response = await handle(exchangeRequest(bearer(MASTER_TOKEN)));
      expect(response.statusCode).toBe(statusCode);
    }
    expect(entries.map(({ outcome }) => outcome)).toEqual([
      "allowed",
      "allowed",
      "allowed",
      "failed",
    ]);
  });
});

test("each exchange is one log line, and its session id is that of the new token", async () => {
  const { handle, entries, exp } = setUp();
  await handle(exchangeRequest(bearer(MASTER_TOKEN)));
  await handle(exchangeRequest({}));
  await handle(exchangeRequest(bearer("wrong")));
  const caller = { event: "session_exchange", requestId: REQUEST_ID, sourceIp: SOURCE_IP };
  const sessionId = sessionIdFor(sessionToken(MASTER_TOKEN, HMAC_KEY, exp));
  expect(entries).toEqual([
    { level: "INFO", ...caller, outcome: "allowed", method: "master", sessionId },
    { level: "WARN", ...caller, outcome: "refused", reason: "missing" },
    { level: "WARN", ...caller, outcome: "refused", reason: "wrong_master" },
  ]);
});
