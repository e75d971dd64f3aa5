import fc from "fast-check";
import { expect, test } from "vitest";
import { bearer, cookie, loginRequest } from "../support/events.ts";
import { openFunctions } from "../support/functions.ts";
import { goodPairing, MASTER_TOKEN } from "../support/tokens.ts";

const openLogin = (options = {}) => {
  const functions = openFunctions(options);
  /** The session that a token logs in to; undefined when it is refused. */
  const logIn = async (token: string): Promise<string | undefined> => {
    const { cookies = [] } = await functions.login(loginRequest({ token }));
    return /=(session:[^;]+)/.exec(cookies[0] ?? "")?.[1];
  };
  const now = functions.clock.seconds();
  const pairing = (exp: number, until: number) => goodPairing(now + exp, now + until);
  return { ...functions, logIn, pairing };
};

test("no route takes a pairing token but login: by header, query or cookie, at every kind of API", async () => {
  const { decisionsOn, exchange, pairWith, pairing, logIn } = openLogin();
  const token = pairing(60, 3_600);
  for (const request of [
    bearer(token),
    { query: [["token", token]] as [string, string][] },
    cookie(token),
  ]) {
    expect(Object.values(await decisionsOn(request))).not.toContain(true);
  }
  expect(await exchange(token)).toMatchObject({ statusCode: 401 });
  expect(await pairWith(token)).toBeUndefined();
  expect(await logIn(token)).toMatch(/^session:/);
});

test("login takes it more than once in its minute, and not after it", async () => {
  const { logIn, clock, pairing } = openLogin();
  const token = pairing(60, 3_600);
  expect(await logIn(token)).toBeDefined();
  clock.advance(59);
  expect(await logIn(token)).toBeDefined();
  clock.advance(1);
  expect(await logIn(token)).toBeUndefined();
});

test("it holds across a rotation of the HMAC key, and not across a new master token", async () => {
  const { logIn, store, clock, pairing } = openLogin();
  const token = pairing(60, 3_600);
  store.rotate("k".repeat(48));
  expect(await logIn(token)).toBeDefined();
  store.values.master = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
  clock.advance(50);
  await logIn(store.values.master);
  expect(await logIn(token)).toBeUndefined();
});

test("no chain of pairings outlives its first session, whatever logs in, in whatever order", async () => {
  const actions = fc.record({
    action: fc.constantFrom("pair", "log in", "wait"),
    which: fc.nat(),
    seconds: fc.integer({ min: 1, max: 7_200 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 48 }),
      fc.array(actions, { minLength: 1, maxLength: 30 }),
      async (ttlHours, all) => {
        const { logIn, exchange, pairWith, contextOf, clock } = openLogin({ ttlHours });
        const first = (await logIn(MASTER_TOKEN)) ?? "";
        const end = Number(first.split(":")[1]);
        // The one browser has only its session; what it gets from there, the next devices have.
        const tokens = [first];
        for (const { action, which, seconds } of all) {
          const token = tokens[which % tokens.length] ?? first;
          if (action === "wait") clock.advance(seconds);
          if (action === "pair") tokens.push((await pairWith(token)) ?? first);
          if (action === "log in") tokens.push((await logIn(token)) ?? first);
        }
        for (const token of tokens) {
          expect(Number(token.split(":")[1])).toBeLessThanOrEqual(end);
          expect(await exchange(token)).toMatchObject({ statusCode: 401 });
        }
        clock.advance(Math.max(0, end - clock.seconds()));
        for (const token of tokens) {
          expect(await contextOf(bearer(token))).toBeUndefined();
          expect(await logIn(token)).toBeUndefined();
        }
      },
    ),
    { numRuns: 300 },
  );
});
