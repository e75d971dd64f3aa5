import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JSON_HEADERS, openBrowserFunctions, UNAVAILABLE } from "../support/browser.ts";
import { bearer, exchangeRequest, REQUEST_ID, SOURCE_IP } from "../support/events.ts";
import { named } from "../support/secret-store.ts";
import {
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  pairingToken,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";

const REFUSED = {
  statusCode: 401,
  headers: {
    ...JSON_HEADERS,
    "www-authenticate": 'Bearer realm="pocketpaw", error="invalid_token"',
  },
  body: '{"detail":"Invalid master token"}',
};

const pairing = (exp: number, until: number) => pairingToken(MASTER_TOKEN, HMAC_KEY, exp, until);
const session = (exp: number) => sessionToken(MASTER_TOKEN, HMAC_KEY, exp);

describe("the exchange of a pairing token", () => {
  test("gives a session that ends when the first one does, its hours rounded up", async () => {
    const { exchange, clock, entries } = openBrowserFunctions();
    const now = clock.seconds();
    expect(await exchange(pairing(now + 60, now + 3601))).toEqual({
      statusCode: 200,
      headers: JSON_HEADERS,
      body: JSON.stringify({ session_token: session(now + 3601), expires_in_hours: 2 }),
    });
    expect(entries).toEqual([
      {
        level: "INFO",
        event: "session_exchange",
        requestId: REQUEST_ID,
        sourceIp: SOURCE_IP,
        outcome: "allowed",
        method: "pairing",
        sessionId: sessionIdFor(session(now + 3601)),
      },
    ]);
  });

  test.each([
    [1, 1],
    [3600, 1],
    [86_399, 24],
    [86_400, 24],
    [86_401, 24],
    [999_999, 24],
  ])("of a session with %d s left: %d hours, never more than the TTL", async (left, hours) => {
    const { exchange, clock } = openBrowserFunctions();
    const now = clock.seconds();
    const { body } = await exchange(pairing(now + 1, now + left));
    expect(JSON.parse(body)).toEqual({
      session_token: session(now + Math.min(left, 86_400)),
      expires_in_hours: hours,
    });
  });

  test("is possible more than once in its minute, and not after it", async () => {
    const { exchange, clock } = openBrowserFunctions();
    const token = pairing(clock.seconds() + 60, clock.seconds() + 3600);
    expect(await exchange(token)).toMatchObject({ statusCode: 200 });
    clock.advance(59);
    expect(await exchange(token)).toMatchObject({ statusCode: 200 });
    clock.advance(1);
    expect(await exchange(token)).toEqual(REFUSED);
  });

  test("with PocketPaw behind the gateway sets a cookie of the same end", async () => {
    const { exchange, clock } = openBrowserFunctions({ native: true });
    const until = clock.seconds() + 1800;
    const { cookies } = await exchange(pairing(clock.seconds() + 60, until));
    expect(cookies).toEqual([
      `pocketpaw_session=${nativeToken(MASTER_TOKEN, until)}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=1800`,
    ]);
  });

  test("holds across a rotation of the HMAC key, and not across a new master token", async () => {
    const { exchange, store, clock } = openBrowserFunctions();
    const token = pairing(clock.seconds() + 60, clock.seconds() + 3600);
    store.rotate("k".repeat(48));
    expect(await exchange(token)).toMatchObject({ statusCode: 200 });
    store.values.master = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
    clock.advance(50);
    await exchange(MASTER_TOKEN);
    expect(await exchange(token)).toEqual(REFUSED);
  });

  test("gets 503 while secrets cannot be read", async () => {
    const { exchange, store, clock } = openBrowserFunctions();
    store.values.master = named("InternalServiceError", "down");
    expect(await exchange(pairing(clock.seconds() + 60, clock.seconds() + 60))).toEqual(
      UNAVAILABLE,
    );
  });

  test("is by Authorization alone: neither by the query parameter nor by the cookie", async () => {
    const functions = openBrowserFunctions();
    const token = pairing(functions.clock.seconds() + 60, functions.clock.seconds() + 60);
    const request = {
      query: [["token", token]] as [string, string][],
      cookies: [`pocketpaw_session=${token}`],
    };
    expect(await functions.session(exchangeRequest(request))).toMatchObject({ statusCode: 401 });
  });
});

describe("the exchange of the master token", () => {
  test("sets the cookie with PocketPaw behind the gateway", async () => {
    const { exchange, clock } = openBrowserFunctions({ native: true });
    const exp = clock.seconds() + 86_400;
    const response = await exchange(MASTER_TOKEN);
    expect(JSON.parse(response.body)).toEqual({
      session_token: session(exp),
      expires_in_hours: 24,
    });
    expect(response.cookies).toEqual([
      `pocketpaw_session=${nativeToken(MASTER_TOKEN, exp)}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=86400`,
    ]);
  });

  test("sets none without PocketPaw", async () => {
    expect(await openBrowserFunctions().exchange(MASTER_TOKEN)).not.toHaveProperty("cookies");
  });
});

describe("the authorizer", () => {
  test.each(["authorization", "query", "cookie"])(
    "accepts a pairing token for its minute, as the dashboard sends it before its exchange: by %s",
    async (place) => {
      const { contextOf, clock } = openBrowserFunctions();
      const exp = clock.seconds() + 60;
      const token = pairing(exp, exp + 3600);
      const request = {
        ...(place === "authorization" && bearer(token)),
        ...(place === "query" && { query: [["token", token]] as [string, string][] }),
        ...(place === "cookie" && { cookies: [`pocketpaw_session=${token}`] }),
      };
      expect(await contextOf(request)).toEqual({
        method: "pairing",
        expiresAt: String(exp),
        sessionId: sessionIdFor(token),
        masterTokenVersion: "master-1",
      });
      clock.advance(60);
      expect(await contextOf(request)).toBeUndefined();
    },
  );
});

test("a mutated pairing token is refused by exchange and authorizer", async () => {
  const { exchange, contextOf, clock } = openBrowserFunctions();
  const token = pairing(clock.seconds() + 60, clock.seconds() + 3600);
  const characters = fc.constantFrom(..."0123456789abcdefABCDEF:-+ .\0é");
  await fc.assert(
    fc.asyncProperty(
      fc.nat(token.length - 1),
      fc.constantFrom("replace", "insert", "delete", "swap", "cut"),
      characters,
      async (at, kind, character) => {
        const [head, tail] = [token.slice(0, at), token.slice(at)];
        const mutated = {
          replace: head + character + tail.slice(1),
          insert: head + character + tail,
          delete: head + tail.slice(1),
          swap: head + tail.charAt(1) + tail.charAt(0) + tail.slice(2),
          cut: head,
        }[kind];
        fc.pre(mutated !== undefined && mutated !== token && mutated.trim() !== token);
        const { statusCode } = await exchange(mutated ?? "");
        expect(statusCode).toBe(401);
        expect(await contextOf(bearer(mutated ?? ""))).toBeUndefined();
      },
    ),
    { numRuns: 1_000 },
  );
});

test("no chain of pairings outlives its first session, whatever is exchanged, in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 48 }),
      fc.boolean(),
      fc.array(
        fc.record({
          action: fc.constantFrom("pair", "exchange", "wait"),
          which: fc.nat(),
          seconds: fc.integer({ min: 1, max: 7_200 }),
        }),
        { minLength: 1, maxLength: 30 },
      ),
      async (ttlHours, native, actions) => {
        const { exchange, pairWith, contextOf, clock } = openBrowserFunctions({ native, ttlHours });
        const first = JSON.parse((await exchange(MASTER_TOKEN)).body).session_token as string;
        const end = Number(first.split(":")[1]);
        // The one browser has only its session; what it gets from there, the next devices have.
        const tokens = [first];
        for (const { action, which, seconds } of actions) {
          const token = tokens[which % tokens.length] ?? first;
          if (action === "wait") clock.advance(seconds);
          if (action === "pair") tokens.push((await pairWith(token)) ?? first);
          if (action === "exchange") {
            const { statusCode, body, cookies = [] } = await exchange(token);
            if (statusCode !== 200) continue;
            tokens.push(JSON.parse(body).session_token);
            for (const cookie of cookies) tokens.push(/=([^;]+)/.exec(cookie)?.[1] ?? first);
          }
        }
        for (const token of tokens) {
          const [, exp] = /^(?:session:|pair:)?([0-9]+):/.exec(token) ?? [];
          expect(Number(exp)).toBeLessThanOrEqual(end);
        }
        clock.advance(Math.max(0, end - clock.seconds()));
        for (const token of tokens) {
          expect(await contextOf(bearer(token))).toBeUndefined();
          expect(await pairWith(token)).toBeUndefined();
          expect((await exchange(token)).statusCode).toBe(401);
        }
      },
    ),
    { numRuns: 300 },
  );
});
