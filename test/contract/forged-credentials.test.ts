import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bearer, httpApi2, restToken } from "../support/events.ts";
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

  test("a PocketPaw token and a session token are not interchangeable, where both are accepted", async () => {
    const { isAllowed, exp } = openFunctions({ native: true });
    const native = nativeToken(MASTER_TOKEN, exp);
    expect(await isAllowed(bearer(native))).toBe(true);
    const ourMac = sessionToken(MASTER_TOKEN, HMAC_KEY, exp).slice(-64);
    for (const token of [
      `session:${native}`,
      `${exp}:${ourMac}`,
      `native:${native}`,
      `${exp + 1}:${native.slice(-64)}`,
      nativeToken(HMAC_KEY, exp),
      nativeToken("", exp),
      `${exp}:${createHmac("sha256", sessionKey(MASTER_TOKEN, HMAC_KEY)).update(String(exp)).digest("hex")}`,
    ]) {
      expect(await isAllowed(bearer(token))).toBe(false);
    }
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

  test("with ACCEPT_MASTER_TOKEN=false it is refused in every place, and can still be exchanged", async () => {
    const { isAllowed, exchange, entries } = openFunctions({ master: false });
    for (const request of [
      bearer(MASTER_TOKEN),
      { query: [["token", MASTER_TOKEN]] as [string, string][] },
      { cookies: [`pocketpaw_session=${MASTER_TOKEN}`] },
    ]) {
      expect(await isAllowed(request)).toBe(false);
    }
    expect(entries.every(({ reason }) => reason === "malformed")).toBe(true);
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

  test("not the master token beside other text", async () => {
    const { exchange } = openFunctions();
    for (const value of [
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
    ]) {
      const response = await exchange({ headers: { Authorization: value } });
      expect(response.statusCode).toBe(401);
    }
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

  test("no session token is issued at %d", async () => {
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { exchange } = openFunctions({}, () => time);
      expect(await exchange(bearer(MASTER_TOKEN))).toMatchObject({ statusCode: 503 });
    }
  });
});

test("an Allow policy names only the API and stage of its event", async () => {
  const { authorizer } = openFunctions();
  for (const [api, stage] of [
    ["aaaaaaaaaa", "prod"],
    ["bbbbbbbbbb", "$default"],
  ]) {
    const methodArn = `arn:aws:execute-api:eu-west-1:123456789012:${api}/${stage}/GET/x/*/y`;
    expect(await authorizer({ ...restToken(bearer(MASTER_TOKEN)), methodArn })).toMatchObject({
      policyDocument: {
        Statement: [{ Resource: `arn:aws:execute-api:eu-west-1:123456789012:${api}/${stage}/*` }],
      },
    });
  }
});
