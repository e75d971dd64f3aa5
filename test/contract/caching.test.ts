import { describe, expect, test } from "vitest";
import { openFunctions as setUp } from "../support/functions.ts";
import { forgedToken, HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

const times = <T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)));

describe("1,000 concurrent requests on a cold handler", () => {
  test("make one read of each secret, then none for 45 s", async () => {
    const { authorize, store, clock, exp } = setUp();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const results = await times(1_000, () => authorize(token));
    expect(results).toEqual(results.map(() => expect.objectContaining({ isAuthorized: true })));
    expect(store.reads).toEqual({ master: 1, key: 1, previous: 0 });

    for (let second = 0; second < 45; second++) {
      await authorize(token);
      clock.advance(0.999);
    }
    expect(store.reads).toEqual({ master: 1, key: 1, previous: 0 });
    clock.advance(0.06);
    await times(1_000, () => authorize(token));
    expect(store.reads).toEqual({ master: 2, key: 2, previous: 0 });
  });

  test("that come without a pause for an hour never wait, and read each secret once in 45 s", async () => {
    const { authorize, store, clock } = setUp();
    await authorize(MASTER_TOKEN);
    let waited = 0;
    for (let second = 0; second < 3_600; second++) {
      clock.advance(1);
      const { release } = store.hold();
      let isDone = false;
      const request = authorize(MASTER_TOKEN).then(() => (isDone = true));
      // What no read holds up is done within a few turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (!isDone) waited += 1;
      release();
      await request;
    }
    expect(waited).toBe(0);
    expect(store.reads).toEqual({ master: 81, key: 81, previous: 0 });
  });

  test("with forged tokens make one read of each version and one refresh", async () => {
    const { authorize, store, exp } = setUp();
    const results = await times(1_000, (index) => authorize(forgedToken(exp, index)));
    expect(results).toEqual(results.map(() => ({ isAuthorized: false })));
    expect(store.reads).toEqual({ master: 2, key: 2, previous: 1 });
  });
});

describe("10,000 forgeries within a minute make at most 13 refreshes: two at once, then one in 5 s", () => {
  const FORGERIES = 10_000;

  test("session tokens, one after the other", async () => {
    const { authorize, store, clock, exp } = setUp();
    await authorize(MASTER_TOKEN);
    store.reads = { master: 0, key: 0, previous: 0 };
    for (let index = 0; index < FORGERIES; index++) {
      expect(await authorize(forgedToken(exp, index))).toEqual({ isAuthorized: false });
      clock.advance(60 / FORGERIES);
    }
    expect(store.reads).toEqual({ master: 13, key: 13, previous: 2 });
  });

  test("wrong master tokens at the session endpoint, in bursts", async () => {
    const { exchange, store, clock } = setUp();
    await exchange(MASTER_TOKEN);
    store.reads = { master: 0, key: 0, previous: 0 };
    for (let burst = 0; burst < 100; burst++) {
      const results = await times(FORGERIES / 100, (index) => exchange(`wrong-${burst}-${index}`));
      expect(results.every(({ statusCode }) => statusCode === 401)).toBe(true);
      clock.advance(0.6);
    }
    expect(store.reads).toEqual({ master: 13, key: 13, previous: 0 });
  });
});

test("good tokens go on being accepted, without a wait, while forgeries come", async () => {
  const { authorize, store, exp } = setUp();
  const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
  await authorize(token);
  store.hold();
  const forged = authorize(forgedToken(exp));
  while (store.reads.previous === 0) await Promise.resolve();
  expect(await authorize(token)).toMatchObject({ isAuthorized: true });
  await expect(forged).rejects.toThrow("secrets_unavailable");
});
