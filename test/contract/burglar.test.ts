import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openDoors } from "../support/doors.ts";
import { bearer, httpApi2, restToken } from "../support/events.ts";
import { forgeries } from "../support/forgeries.ts";
import {
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionKey,
  sessionToken,
} from "../support/tokens.ts";

describe("a token is let in for what it is, and for nothing like it", () => {
  test.each(Object.keys(forgeries(0)))("not %s", async (name) => {
    const { isLetIn, exp } = openDoors();
    const token = forgeries(exp)[name] ?? "";
    expect(await isLetIn(bearer(token))).toBe(false);
    expect(await isLetIn({ query: [["token", token]] })).toBe(false);
    // A semicolon ends a cookie, and what stands before it is the good token.
    if (!token.endsWith(";")) {
      expect(await isLetIn({ cookies: [`pocketpaw_session=${token}`] })).toBe(false);
    }
  });

  test("percent-encoded it counts in a cookie, as libraries write it, and not in a header", async () => {
    const { isLetIn, exp } = openDoors();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp).replaceAll(":", "%3A");
    expect(await isLetIn({ cookies: [`pocketpaw_session=${token}`] })).toBe(true);
    expect(await isLetIn(bearer(token))).toBe(false);
    expect(await isLetIn({ query: [["token", token]] })).toBe(false);
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
  ])("not with an exp %s, though it were signed", async (_name, exp) => {
    const { isLetIn } = openDoors({ native: true });
    for (const token of [
      sessionToken(MASTER_TOKEN, HMAC_KEY, exp),
      nativeToken(MASTER_TOKEN, exp),
    ]) {
      expect(await isLetIn({ query: [["token", token]] })).toBe(false);
      expect(await isLetIn({ cookies: [`pocketpaw_session=${token}`] })).toBe(false);
    }
  });

  test("a native token is none of our own, where both are accepted", async () => {
    const { isLetIn, exp } = openDoors({ native: true });
    const native = nativeToken(MASTER_TOKEN, exp);
    expect(await isLetIn(bearer(native))).toBe(true);
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
      expect(await isLetIn(bearer(token))).toBe(false);
    }
  });

  test("the cookie for the origin opens nothing here, unless native tokens are accepted", async () => {
    const { authorizer, exp } = openDoors({ native: true });
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const answer = await authorizer(httpApi2(bearer(token)));
    const { context } = answer as { context: { upstreamCookie: string } };
    expect(await openDoors().isLetIn({ cookies: [context.upstreamCookie] })).toBe(false);
  });
});

describe("the master token", () => {
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
  ])("opens nothing: %s", async (_name, token) => {
    const { isLetIn, exchange } = openDoors();
    expect(await isLetIn(bearer(token))).toBe(false);
    expect(await exchange(bearer(token))).toMatchObject({ statusCode: 401 });
  });

  test("opens nothing in any place where it is not to be accepted, but can still be exchanged", async () => {
    const { isLetIn, exchange, entries } = openDoors({ master: false });
    for (const request of [
      bearer(MASTER_TOKEN),
      { query: [["token", MASTER_TOKEN]] as [string, string][] },
      { cookies: [`pocketpaw_session=${MASTER_TOKEN}`] },
    ]) {
      expect(await isLetIn(request)).toBe(false);
    }
    expect(entries.every(({ reason }) => reason === "malformed")).toBe(true);
    const { statusCode, body } = await exchange(bearer(MASTER_TOKEN));
    expect(statusCode).toBe(200);
    expect(await isLetIn(bearer(JSON.parse(body).session_token))).toBe(true);
  });

  test("is the one of now: the one before it has no grace", async () => {
    const { isLetIn, store } = openDoors();
    store.values.previous = MASTER_TOKEN;
    store.values.master = "a new one";
    store.values.master = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
    expect(await isLetIn(bearer(MASTER_TOKEN))).toBe(false);
  });
});

describe("the session endpoint sells session tokens for the master token alone", () => {
  test.each([
    ["a session token", sessionToken(MASTER_TOKEN, HMAC_KEY, 9_999_999_999)],
    ["a native token", nativeToken(MASTER_TOKEN, 9_999_999_999)],
    ["the HMAC key", HMAC_KEY],
    ["the session key", sessionKey(MASTER_TOKEN, HMAC_KEY).toString("hex")],
  ])("not for %s", async (_name, token) => {
    expect(await openDoors().exchange(bearer(token))).toMatchObject({ statusCode: 401 });
  });

  test("not for the master token among others", async () => {
    const { exchange } = openDoors();
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
      const answer = await exchange({ headers: { Authorization: value } });
      expect(answer.statusCode).toBe(401);
    }
  });
});

describe("a clock that tells no time", () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "%d: tokens with an end are refused",
    async (time) => {
      const { isLetIn, exp } = openDoors({ native: true }, () => time);
      expect(await isLetIn(bearer(sessionToken(MASTER_TOKEN, HMAC_KEY, exp)))).toBe(false);
      expect(await isLetIn(bearer(nativeToken(MASTER_TOKEN, exp)))).toBe(false);
    },
  );

  test("and no session token is sold", async () => {
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { exchange } = openDoors({}, () => time);
      expect(await exchange(bearer(MASTER_TOKEN))).toMatchObject({ statusCode: 503 });
    }
  });
});

test("the Allow policy of one API opens no other: its resource is the event's own", async () => {
  const { authorizer } = openDoors();
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
