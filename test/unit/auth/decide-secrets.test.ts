import { describe, expect, test } from "vitest";
import { EXP, GOOD, openDecision } from "../../support/decision.ts";
import { forgedToken, HMAC_KEY, MASTER_TOKEN, sessionToken } from "../../support/tokens.ts";

const OTHER_KEY = "k".repeat(48);
const NEW_MASTER = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
const ofKey = (key: string) => sessionToken(MASTER_TOKEN, key, EXP);

describe("a rotation of the HMAC key", () => {
  test("ends no session: a token of the previous key is accepted", async () => {
    const { isAccepted, store } = openDecision();
    store.rotate(OTHER_KEY);
    expect(await isAccepted(GOOD)).toBe(true);
    expect(store.reads).toEqual({ master: 1, key: 1, previous: 1 });
  });

  test("a token of the new key is accepted at once by a container that holds the old one, five times over", async () => {
    const { isAccepted, store } = openDecision();
    await isAccepted(MASTER_TOKEN);
    for (const digit of "12345") {
      store.rotate(digit.repeat(48));
      // A token that is accepted gives its refresh back.
      expect(await isAccepted(ofKey(digit.repeat(48)))).toBe(true);
    }
  });

  test("a token that is refused gives none back, although the key has changed", async () => {
    const { isAccepted, store } = openDecision();
    await isAccepted(MASTER_TOKEN);
    for (const digit of "12345") {
      store.rotate(digit.repeat(48));
      await isAccepted(forgedToken(EXP));
    }
    expect(store.reads.key).toBe(3);
  });

  test("a container that missed one of two accepts tokens of both later keys, and none of the first", async () => {
    const { isAccepted, store, clock } = openDecision();
    await isAccepted(GOOD);
    store.rotate("1".repeat(48));
    store.rotate("2".repeat(48));
    for (const digit of "12") expect(await isAccepted(ofKey(digit.repeat(48)))).toBe(true);
    clock.advance(60);
    expect(await isAccepted(GOOD)).toBe(false);
  });
});

describe("a new master token", () => {
  test("and a session token under it are accepted at once by a container that holds the old one", async () => {
    for (const token of [NEW_MASTER, sessionToken(NEW_MASTER, HMAC_KEY, EXP)]) {
      const { isAccepted, store } = openDecision();
      await isAccepted(MASTER_TOKEN);
      store.values.master = NEW_MASTER;
      expect(await isAccepted(token)).toBe(true);
    }
  });

  test("ends every session and the one before within 60 s, also under the previous HMAC key", async () => {
    const { isAccepted, store, clock } = openDecision();
    store.rotate(OTHER_KEY);
    const tokens = [MASTER_TOKEN, ofKey(OTHER_KEY), GOOD];
    for (const token of tokens) expect(await isAccepted(token)).toBe(true);
    store.values.previous = HMAC_KEY;
    store.values.master = NEW_MASTER;
    clock.advance(60);
    for (const token of tokens) expect(await isAccepted(token)).toBe(false);
  });
});

test.each([5, 3_600])("%i s back in time, the old secrets' tokens are refused", async (seconds) => {
  const { isAccepted, store, clock } = openDecision();
  expect(await isAccepted(GOOD)).toBe(true);
  store.values.master = NEW_MASTER;
  clock.advance(-seconds);
  expect(await isAccepted(GOOD)).toBe(false);
  expect(await isAccepted(MASTER_TOKEN)).toBe(false);
  expect(await isAccepted(sessionToken(NEW_MASTER, HMAC_KEY, EXP))).toBe(true);
});
