import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bearer, type ClientRequest, httpApi2, restToken } from "../support/events.ts";
import { forgeries } from "../support/forgeries.ts";
import { openFunctions } from "../support/functions-in-memory.ts";
import {
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionKey,
  sessionToken,
} from "../support/tokens.ts";

describe("a token that resembles a valid one is refused", () => {
  test.each(Object.keys(forgeries(0)))("%s", async (name) => {
    const { isAllowed, exp } = openFunctions();
    const token = forgeries(exp)[name] ?? "";
    expect(await isAllowed(bearer(token))).toBe(false);
    expect(await isAllowed({ query: [["token", token]] })).toBe(false);
    // A semicolon ends a cookie, and what stands before it is the good token.
    if (!token.endsWith(";")) {
      expect(await isAllowed({ cookies: [`pocketpaw_session=${token}`] })).toBe(false);
    }
  });

  test("percent-encoded it counts in a cookie, as libraries write it, and not in a header", async () => {
    const { isAllowed, exp } = openFunctions();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp).replaceAll(":", "%3A");
    expect(await isAllowed({ cookies: [`pocketpaw_session=${token}`] })).toBe(true);
    expect(await isAllowed(bearer(token))).toBe(false);
    expect(await isAllowed({ query: [["token", token]] })).toBe(false);
  });

  test.each([
    ["beyond 15 digits", "9".repeat(16)],
    ["beyond 2^53", "9007199254740993"],
    ["beyond 2^64", "18446744073709551616"],
    ["of 400 digits, which is Infinity as a number", "9".repeat(400)],
    ["in words", "Infinity"],
    ["NaN", "NaN"],
    ["with an exponent", "9e9"],
    ["with a sign", "+9999999999"],
    ["in hexadecimal", "0xffffffffff"],
    ["with a separator", "9_999_999_999"],
    ["with a blank", " 9999999999"],
    ["with leading zeros", "09999999999"],
  ])("an exp %s is refused, although the token is signed", async (_name, exp) => {
    const { isAllowed } = openFunctions({ native: true });
    for (const token of [
      sessionToken(MASTER_TOKEN, HMAC_KEY, exp),
      nativeToken(MASTER_TOKEN, exp),
    ]) {
      expect(await isAllowed({ query: [["token", token]] })).toBe(false);
      expect(await isAllowed({ cookies: [`pocketpaw_session=${token}`] })).toBe(false);
    }
  });

  test("a PocketPaw token is allowed where it is accepted", async () => {
    const { isAllowed, exp } = openFunctions({ native: true });
    expect(await isAllowed(bearer(nativeToken(MASTER_TOKEN, exp)))).toBe(true);
  });

  const hmac = (key: Buffer, message: string) =>
    createHmac("sha256", key).update(message).digest("hex");

  test.each<[string, (exp: number) => string]>([
    ["with session: in front", (exp) => `session:${nativeToken(MASTER_TOKEN, exp)}`],
    ["with native: in front", (exp) => `native:${nativeToken(MASTER_TOKEN, exp)}`],
    [
      "with a session token's MAC",
      (exp) => `${exp}:${sessionToken(MASTER_TOKEN, HMAC_KEY, exp).slice(-64)}`,
    ],
    ["with a later end", (exp) => `${exp + 1}:${nativeToken(MASTER_TOKEN, exp).slice(-64)}`],
    ["under the HMAC key", (exp) => nativeToken(HMAC_KEY, exp)],
    ["under an empty key", (exp) => nativeToken("", exp)],
    [
      "under the session key",
      (exp) => `${exp}:${hmac(sessionKey(MASTER_TOKEN, HMAC_KEY), String(exp))}`,
    ],
  ])("a PocketPaw token %s is refused, where they are accepted", async (_name, tokenOf) => {
    const { isAllowed, exp } = openFunctions({ native: true });
    expect(await isAllowed(bearer(tokenOf(exp)))).toBe(false);
  });

  test("the cookie for PocketPaw is refused, unless PocketPaw tokens are accepted", async () => {
    const { authorizer, exp } = openFunctions({ native: true });
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const response = await authorizer(httpApi2(bearer(token)));
    const { context } = response as { context: { upstreamCookie: string } };
    expect(await openFunctions().isAllowed({ cookies: [context.upstreamCookie] })).toBe(false);
  });
});

describe("for the master token", () => {
  test.each([
    ["cut", MASTER_TOKEN.slice(0, -1)],
    ["cut to one letter", MASTER_TOKEN.slice(0, 1)],
    ["and one letter more", `${MASTER_TOKEN}9`],
    ["twice", MASTER_TOKEN + MASTER_TOKEN],
    ["in upper case", MASTER_TOKEN.toUpperCase()],
    ["its digest", createHash("sha256").update(MASTER_TOKEN).digest("hex")],
    ["the HMAC key", HMAC_KEY],
    ["undefined", "undefined"],
    ["null", "null"],
    ["[object Object]", "[object"],
    ["8,000 letters", "x".repeat(8_000)],
  ])("this is refused: %s", async (_name, token) => {
    const { isAllowed, exchange } = openFunctions();
    expect(await isAllowed(bearer(token))).toBe(false);
    expect(await exchange(bearer(token))).toMatchObject({ statusCode: 401 });
  });

  test.each<[string, ClientRequest]>([
    ["the header", bearer(MASTER_TOKEN)],
    ["the query", { query: [["token", MASTER_TOKEN]] }],
    ["the cookie", { cookies: [`pocketpaw_session=${MASTER_TOKEN}`] }],
  ])("with ACCEPT_MASTER_TOKEN=false it is refused in %s", async (_place, request) => {
    const { isAllowed, entries } = openFunctions({ master: false });
    expect(await isAllowed(request)).toBe(false);
    expect(new Set(entries.map(({ reason }) => reason))).toEqual(new Set(["malformed"]));
  });

  test("with ACCEPT_MASTER_TOKEN=false it can still be exchanged", async () => {
    const { isAllowed, exchange } = openFunctions({ master: false });
    const { statusCode, body } = await exchange(bearer(MASTER_TOKEN));
    expect(statusCode).toBe(200);
    expect(await isAllowed(bearer(JSON.parse(body).session_token))).toBe(true);
  });

  test("is the one of now: the one before it has no grace", async () => {
    const { isAllowed, store } = openFunctions();
    store.values.previous = MASTER_TOKEN;
    store.values.master = "a new one";
    store.values.master = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
    expect(await isAllowed(bearer(MASTER_TOKEN))).toBe(false);
  });
});

describe("the exchange accepts the master token only", () => {
  test.each([
    ["a session token", sessionToken(MASTER_TOKEN, HMAC_KEY, 9_999_999_999)],
    ["a native token", nativeToken(MASTER_TOKEN, 9_999_999_999)],
    ["the HMAC key", HMAC_KEY],
    ["the session key", sessionKey(MASTER_TOKEN, HMAC_KEY).toString("hex")],
  ])("not %s", async (_name, token) => {
    expect(await openFunctions().exchange(bearer(token))).toMatchObject({ statusCode: 401 });
  });

  test.each([
    `Bearer x, Bearer ${MASTER_TOKEN}`,
    `Bearer ${MASTER_TOKEN}, Bearer x`,
    `Bearer x,Bearer ${MASTER_TOKEN}`,
    `Bearer ${MASTER_TOKEN},x`,
    `Basic x, Bearer ${MASTER_TOKEN}`,
    `Bearer x ${MASTER_TOKEN}`,
    `Bearer "${MASTER_TOKEN}"`,
    `Bearer token=${MASTER_TOKEN}`,
    `Bearer\u00a0${MASTER_TOKEN}`,
    `Bearer\n${MASTER_TOKEN}`,
  ])("not the master token beside other text: %j", async (value) => {
    const response = await openFunctions().exchange({ headers: { Authorization: value } });
    expect(response.statusCode).toBe(401);
  });
});

describe("a clock that returns no time", () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "%d: tokens with an end are refused",
    async (time) => {
      const { isAllowed, exp } = openFunctions({ native: true }, () => time);
      expect(await isAllowed(bearer(sessionToken(MASTER_TOKEN, HMAC_KEY, exp)))).toBe(false);
      expect(await isAllowed(bearer(nativeToken(MASTER_TOKEN, exp)))).toBe(false);
    },
  );

  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "%d: no session token is issued",
    async (time) => {
      const { exchange } = openFunctions({}, () => time);
      expect(await exchange(bearer(MASTER_TOKEN))).toMatchObject({ statusCode: 503 });
    },
  );
});

test.each([
  ["aaaaaaaaaa", "prod"],
  ["bbbbbbbbbb", "$default"],
])("an Allow policy names only the API and stage of its event: %s, %s", async (api, stage) => {
  const { authorizer } = openFunctions();
  const methodArn = `arn:aws:execute-api:eu-west-1:123456789012:${api}/${stage}/GET/x/*/y`;
  expect(await authorizer({ ...restToken(bearer(MASTER_TOKEN)), methodArn })).toMatchObject({
    policyDocument: {
      Statement: [{ Resource: `arn:aws:execute-api:eu-west-1:123456789012:${api}/${stage}/*` }],
    },
  });
});
