import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Accepts } from "../../lib/authenticate.ts";
import {
  bearer,
  type ClientRequest,
  EVENT_KINDS,
  exchangeRequest,
  httpApi2,
  restRequest,
  restToken,
} from "../support/events.ts";
import { loadHandlers } from "../support/handlers.ts";
import { createTestKeyring } from "../support/keyring.ts";
import { createTestLog } from "../support/logs.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionKey,
  sessionToken,
} from "../support/tokens.ts";

const { createAuthorizer, createSession } = await loadHandlers();

function setUp(accepts: Partial<Accepts> = {}, now?: () => number) {
  const { keyring, clock, store } = createTestKeyring();
  const { log, entries } = createTestLog();
  const dependencies = { keyring, now: now ?? clock.now, log };
  const authorizer = createAuthorizer({
    ...dependencies,
    accepts: { master: true, native: false, ...accepts },
  });
  const session = createSession({ ...dependencies, sessionTtlHours: 24 });
  /** Whether a request is let in, by every kind of event that can carry it. */
  async function isLetIn(request: ClientRequest): Promise<boolean> {
    const kinds = Object.values(EVENT_KINDS).filter(
      (kind) => kind !== restToken || (!request.query && !request.cookies),
    );
    const answers = await Promise.all(
      kinds.map((kind) =>
        authorizer(kind(request)).then(
          (answer) => JSON.stringify(answer) !== '{"isAuthorized":false}',
          (error) => {
            expect(String(error)).toBe("Error: Unauthorized");
            return false;
          },
        ),
      ),
    );
    expect(new Set(answers).size).toBe(1);
    return answers[0] === true;
  }
  return {
    authorizer,
    isLetIn,
    entries,
    store,
    exchange: (request: ClientRequest) => session(exchangeRequest(request)),
    exp: clock.seconds() + 3_600,
  };
}

const hmac = (key: string | Buffer, message: string) =>
  createHmac("sha256", key).update(message).digest("hex");

/** Tokens that a thief of one secret alone, or of none, could make. */
function forgeries(exp: number): Record<string, string> {
  const message = `session:${exp}`;
  const good = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
  const salt = createHash("sha256").update(MASTER_TOKEN).digest();
  const native = nativeToken(MASTER_TOKEN, exp);
  return {
    "under the HMAC key, without the master token": `${message}:${hmac(HMAC_KEY, message)}`,
    "under the master token, without the HMAC key": `${message}:${hmac(MASTER_TOKEN, message)}`,
    "under the master token's digest": `${message}:${hmac(salt, message)}`,
    "derived with an empty master token": sessionToken("", HMAC_KEY, exp),
    "derived with an empty HMAC key": sessionToken(MASTER_TOKEN, "", exp),
    "derived from the secrets in each other's place": sessionToken(HMAC_KEY, MASTER_TOKEN, exp),
    "under an empty key": `${message}:${hmac("", message)}`,
    "hashed without a key": `${message}:${createHash("sha256").update(message).digest("hex")}`,
    "with the mac of another exp": good.replace(String(exp), String(exp + 1)),
    "with a mac over exp alone": `${message}:${hmac(sessionKey(MASTER_TOKEN, HMAC_KEY), String(exp))}`,
    "a native token with our prefix": `session:${native}`,
    "a native token, where none is accepted": native,
    "our token without its prefix": good.replace("session:", ""),
    "our mac, truncated": good.slice(0, -32),
    "an empty mac": `${message}:`,
    "a mac of zeros": `${message}:${"0".repeat(64)}`,
    "the mac in base64": `${message}:${Buffer.from(good.slice(-64), "hex").toString("base64")}`,
    "the mac in upper case": good.slice(0, -64) + good.slice(-64).toUpperCase(),
    "Session:": good.replace("session:", "Session:"),
    "SESSION:": good.replace("session:", "SESSION:"),
    "session:session:": `session:${good}`,
    "session::": good.replace("session:", "session::"),
    "a part more": `${good}:extra`,
    "a part more, which is empty": `${good}:`,
    "a token before it": `x,${good}`,
    "a token behind it": `${good},x`,
    "a semicolon behind it": `${good};`,
    "a percent-encoded colon": good.replaceAll(":", "%3A"),
  };
}

describe("a token is let in for what it is, and for nothing like it", () => {
  test.each(Object.keys(forgeries(0)))("not %s", async (name) => {
    const { isLetIn, exp } = setUp();
    const token = forgeries(exp)[name] ?? "";
    expect(await isLetIn(bearer(token))).toBe(false);
    expect(await isLetIn({ query: [["token", token]] })).toBe(false);
    // A semicolon ends a cookie, and what stands before it is the good token.
    if (!token.endsWith(";")) {
      expect(await isLetIn({ cookies: [`pocketpaw_session=${token}`] })).toBe(false);
    }
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
    const { isLetIn } = setUp({ native: true });
    for (const token of [
      sessionToken(MASTER_TOKEN, HMAC_KEY, exp),
      nativeToken(MASTER_TOKEN, exp),
    ]) {
      expect(await isLetIn({ query: [["token", token]] })).toBe(false);
      expect(await isLetIn({ cookies: [`pocketpaw_session=${token}`] })).toBe(false);
    }
  });

  test("a native token is none of our own, where both are accepted", async () => {
    const { isLetIn, exp } = setUp({ native: true });
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
      `${exp}:${hmac(sessionKey(MASTER_TOKEN, HMAC_KEY), String(exp))}`,
    ]) {
      expect(await isLetIn(bearer(token))).toBe(false);
    }
  });

  test("the cookie for the origin opens nothing here, unless native tokens are accepted", async () => {
    const { authorizer, exp } = setUp({ native: true });
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const answer = await authorizer(httpApi2(bearer(token)));
    const { context } = answer as { context: { upstreamCookie: string } };
    expect(await setUp().isLetIn({ cookies: [context.upstreamCookie] })).toBe(false);
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
    const { isLetIn, exchange } = setUp();
    expect(await isLetIn(bearer(token))).toBe(false);
    expect(await exchange(bearer(token))).toMatchObject({ statusCode: 401 });
  });

  test("opens nothing in any place where it is not to be accepted, but can still be exchanged", async () => {
    const { isLetIn, exchange, entries } = setUp({ master: false });
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
    const { isLetIn, store } = setUp();
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
    expect(await setUp().exchange(bearer(token))).toMatchObject({ statusCode: 401 });
  });

  test("not for the master token among others", async () => {
    const { exchange } = setUp();
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

describe("smuggling", () => {
  const good = (exp: number) => sessionToken(MASTER_TOKEN, HMAC_KEY, exp);

  test("one header with two bearer tokens holds none, not even a good one", async () => {
    const { isLetIn, exp } = setUp();
    for (const value of [`Bearer x, Bearer ${good(exp)}`, `Bearer ${good(exp)}, Bearer x`]) {
      expect(await isLetIn({ headers: { Authorization: value } })).toBe(false);
    }
  });

  test("of several Authorization headers any may be good; all bad ones are refused", async () => {
    const { authorizer, exp } = setUp();
    const withHeaders = (...values: string[]) => ({
      ...restRequest({}),
      multiValueHeaders: { Authorization: values },
    });
    await expect(authorizer(withHeaders("Bearer x", `Bearer ${forgedToken(exp)}`))).rejects.toThrow(
      /^Unauthorized$/,
    );
    expect(await authorizer(withHeaders("Bearer x", `Bearer ${good(exp)}`))).toHaveProperty(
      "policyDocument",
    );
  });

  test("a good token in any other header, parameter, cookie or part opens nothing", async () => {
    const { authorizer, isLetIn, exp } = setUp();
    const token = good(exp);
    expect(
      await isLetIn({
        headers: {
          "Proxy-Authorization": `Bearer ${token}`,
          "X-Authorization": `Bearer ${token}`,
          "X-Forwarded-Authorization": `Bearer ${token}`,
          Authorization2: `Bearer ${token}`,
          "X-Api-Key": token,
          token,
          Referer: `https://example.com/?token=${token}`,
        },
        query: [
          ["access_token", token],
          ["Token", token],
          ["token[]", token],
          ["authorization", `Bearer ${token}`],
          ["__proto__", token],
          ["constructor", token],
          ["__proto__[token]", token],
        ],
        cookies: [
          `token=${token}`,
          `Pocketpaw_Session=${token}`,
          `pocketpaw_session_=${token}`,
          `__Secure-pocketpaw_session=${token}`,
          `x=pocketpaw_session=${token}`,
          `x="; pocketpaw_sessio=${token}`,
        ],
      }),
    ).toBe(false);
    const event = { ...httpApi2({}), body: `{"token":"${token}"}`, rawPath: `/?token=${token}` };
    expect(await authorizer(event)).toEqual({ isAuthorized: false });
  });

  test("a token that only a prototype holds is no credential", async () => {
    const { authorizer, exp } = setUp();
    const inherited = Object.create({ token: good(exp), authorization: `Bearer ${good(exp)}` });
    const event = {
      ...httpApi2({}),
      headers: inherited,
      queryStringParameters: inherited,
      rawQueryString: "",
    };
    expect(await authorizer(event)).toEqual({ isAuthorized: false });
    const polluted = JSON.parse(`{"__proto__":{"token":"${good(exp)}"}}`);
    expect(await authorizer({ ...event, headers: {}, queryStringParameters: polluted })).toEqual({
      isAuthorized: false,
    });
  });

  test("quotes around a cookie's value belong to the cookie, and to nothing else", async () => {
    const { isLetIn, exp } = setUp();
    const token = good(exp);
    expect(await isLetIn({ cookies: [`pocketpaw_session="${token}"`] })).toBe(true);
    expect(await isLetIn({ cookies: [`pocketpaw_session="${token}`] })).toBe(false);
    expect(await isLetIn({ cookies: [`pocketpaw_session=""${token}""`] })).toBe(false);
    expect(await isLetIn({ query: [["token", `"${token}"`]] })).toBe(false);
    expect(await isLetIn({ headers: { Authorization: `Bearer "${token}"` } })).toBe(false);
  });

  test("empty credentials are none", async () => {
    const { isLetIn, entries } = setUp();
    expect(
      await isLetIn({
        headers: { Authorization: "Bearer " },
        query: [["token", ""]],
        cookies: ["pocketpaw_session=", 'pocketpaw_session=""'],
      }),
    ).toBe(false);
    expect(entries.every(({ reason }) => reason === "missing")).toBe(true);
  });

  test("an event that calls itself 2.0 gets a simple answer, also a TOKEN event", async () => {
    const { authorizer } = setUp();
    const event = { ...restToken(bearer("x")), version: "2.0" };
    expect(await authorizer(event)).toEqual({ isAuthorized: false });
  });
});

describe("a clock that tells no time", () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "%d: tokens with an end are refused",
    async (time) => {
      const { isLetIn, exp } = setUp({ native: true }, () => time);
      expect(await isLetIn(bearer(sessionToken(MASTER_TOKEN, HMAC_KEY, exp)))).toBe(false);
      expect(await isLetIn(bearer(nativeToken(MASTER_TOKEN, exp)))).toBe(false);
    },
  );

  test("and no session token is sold", async () => {
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { exchange } = setUp({}, () => time);
      expect(await exchange(bearer(MASTER_TOKEN))).toMatchObject({ statusCode: 503 });
    }
  });
});

test("the Allow policy of one API opens no other: its resource is the event's own", async () => {
  const { authorizer } = setUp();
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
