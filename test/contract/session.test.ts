import { describe, expect, test } from "vitest";
import {
  bearer,
  type ClientRequest,
  cookie,
  exchangeRequest,
  HOST,
  REQUEST_ID,
  SOURCE_IP,
} from "../support/events.ts";
import {
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
  sessionKey,
  sessionToken,
} from "../support/tokens.ts";

const FAR = 4_102_444_800;
const LINE = { event: "session_exchange", requestId: REQUEST_ID, sourceIp: SOURCE_IP };
const session = (exp: number) => sessionToken(MASTER_TOKEN, HMAC_KEY, exp);

describe("the master token", () => {
  test.each([1, 24, 720])("is exchanged for a session token of %i hours", async (ttlHours) => {
    const { exchange, clock, entries } = openFunctions({ ttlHours });
    const token = session(clock.seconds() + ttlHours * 3_600);
    expect(await exchange(MASTER_TOKEN)).toEqual({
      statusCode: 200,
      headers: JSON_HEADERS,
      body: JSON.stringify({ session_token: token, expires_in_hours: ttlHours }),
    });
    const found = { outcome: "allowed", method: "master", sessionId: sessionIdFor(token) };
    expect(entries).toEqual([{ level: "INFO", ...LINE, ...found }]);
  });

  test("with PocketPaw behind the gateway the cookie holds the same token", async () => {
    const functions = openFunctions({ hasPocketPaw: true });
    const exp = functions.clock.seconds() + 86_400;
    expect((await functions.exchange(MASTER_TOKEN)).cookies).toEqual([
      `__Host-pocketpaw_session=${session(exp)}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=86400`,
    ]);
    const headers = { ...bearer(MASTER_TOKEN).headers, Host: "localhost:8000" };
    const { cookies } = await functions.session(exchangeRequest({ headers }));
    expect(cookies?.[0]).toMatch(/^pocketpaw_gateway_session=/);
  });

  test("makes a token of whole seconds, also where the clock has none", async () => {
    const { exchange, clock } = openFunctions();
    const token = session(clock.seconds() + 86_400);
    clock.advance(0.999);
    expect(JSON.parse((await exchange(MASTER_TOKEN)).body).session_token).toBe(token);
  });

  test.each([5, 3_600])(
    "that has just been replaced buys nothing, though the clock has stepped back %i s",
    async (seconds) => {
      const { exchange, store, clock } = openFunctions();
      expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 200 });
      store.values.master = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
      clock.advance(-seconds);
      expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 401 });
      expect(await exchange(store.values.master)).toMatchObject({ statusCode: 200 });
    },
  );
});

describe("401", () => {
  const refusal = (challenge: string) => ({
    statusCode: 401,
    headers: { ...JSON_HEADERS, "www-authenticate": challenge },
    body: '{"detail":"Invalid master token"}',
  });

  test.each<[string, ClientRequest]>([
    ["nothing", {}],
    ["a scheme alone", { headers: { Authorization: "Bearer " } }],
    ["another scheme", { headers: { Authorization: `Basic ${MASTER_TOKEN}` } }],
    ["no scheme", { headers: { Authorization: MASTER_TOKEN } }],
    ["two tokens", { headers: { Authorization: `Bearer x, Bearer ${MASTER_TOKEN}` } }],
    ["the master token in the query", { query: [["token", MASTER_TOKEN]] }],
    ["the master token in the cookie", cookie(MASTER_TOKEN)],
  ])("without an error code for %s; no secret is read", async (_name, request) => {
    const functions = openFunctions();
    functions.store.values.key = undefined;
    expect(await functions.session(exchangeRequest(request))).toEqual(
      refusal('Bearer realm="pocketpaw"'),
    );
    expect(functions.store.reads).toEqual({ master: 0, key: 0, previous: 0 });
    expect(functions.entries).toEqual([
      { level: "WARN", ...LINE, outcome: "refused", reason: "missing" },
    ]);
  });

  test.each([
    ["a wrong token", "wrong", "wrong_master"],
    ["the HMAC key", HMAC_KEY, "wrong_master"],
    ["the session key", sessionKey(MASTER_TOKEN, HMAC_KEY).toString("hex"), "wrong_master"],
    ["a session token", session(FAR), "malformed"],
    ["a pairing token", pairingToken(MASTER_TOKEN, HMAC_KEY, FAR, FAR), "malformed"],
    ["a PocketPaw token", pocketPawToken(MASTER_TOKEN, FAR), "wrong_master"],
    ["a PocketPaw API key", "pp_0123456789abcdef", "wrong_master"],
  ])("with invalid_token for %s", async (_name, token, reason) => {
    const { exchange, entries } = openFunctions();
    expect(await exchange(token)).toEqual(
      refusal('Bearer realm="pocketpaw", error="invalid_token"'),
    );
    expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason }]);
  });
});

describe.each(["master", "key"] as const)(
  "503 without internals, where the secret of the %s",
  (version) => {
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
    ])("%s", async (_name, value, reason) => {
      const { exchange, store, entries } = openFunctions();
      store.values[version] = value;
      expect(await exchange(MASTER_TOKEN)).toEqual(UNAVAILABLE);
      const failed = { outcome: "failed", reason: `secrets_${reason}` };
      expect(entries).toEqual([{ level: "ERROR", ...LINE, ...failed }]);
    });
  },
);

test("with a warm cache, nothing changes for clients until the secrets are 900 s old", async () => {
  const { exchange, store, clock } = openFunctions();
  await exchange(MASTER_TOKEN);
  store.values.master = named("InternalServiceError", "down");
  store.values.key = named("InternalServiceError", "down");
  clock.advance(899.999);
  expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 200 });
  clock.advance(0.001);
  expect(await exchange(MASTER_TOKEN)).toEqual(UNAVAILABLE);
});

test.each<[string, () => ReturnType<typeof openBroken>, string]>([
  ["a TypeError in the keyring", () => openBroken(new TypeError(HMAC_KEY)), "TypeError"],
  ["what is no Error", () => openBroken(HMAC_KEY), "string"],
  ["a clock without a time", () => openFunctions({ now: () => Number.NaN }), "RangeError"],
])("an error of our own is 500, with its name alone in the log: %s", async (_name, open, error) => {
  const functions = open();
  const headers = { ...bearer(MASTER_TOKEN).headers, Host: HOST };
  expect(await functions.session(exchangeRequest({ headers }))).toEqual(INTERNAL_ERROR);
  const failed = { outcome: "failed", reason: "internal_error", error };
  expect(functions.entries).toEqual([{ level: "ERROR", ...LINE, ...failed }]);
});
