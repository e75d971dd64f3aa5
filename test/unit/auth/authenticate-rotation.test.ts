import { describe, expect, test } from "vitest";
import { openAuthentication } from "../../support/authentication.ts";
import { named } from "../../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionToken,
} from "../../support/tokens.ts";

const OTHER_KEY = "k".repeat(48);

describe("rotation of the HMAC key", () => {
  test("ends no session: a token of the previous key is accepted", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    store.rotate(OTHER_KEY);
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticateAll([token])).toMatchObject({ accepted: true });
    expect(store.reads).toEqual({ master: 1, key: 1, previous: 1 });
  });

  test("a token of the new key is accepted at once by a container that holds the old one", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    await authenticateAll([MASTER_TOKEN]);
    store.rotate(OTHER_KEY);
    const token = sessionToken(MASTER_TOKEN, OTHER_KEY, exp);
    expect(await authenticateAll([token])).toMatchObject({ accepted: true });
  });

  test("so it is after each of five rotations: a token that is accepted gives its refresh back", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    await authenticateAll([MASTER_TOKEN]);
    for (const digit of "12345") {
      const key = digit.repeat(48);
      store.rotate(key);
      const token = sessionToken(MASTER_TOKEN, key, exp);
      expect(await authenticateAll([token])).toMatchObject({ accepted: true });
    }
  });

  test("a token that is refused gives none back, although the key has changed", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    await authenticateAll([MASTER_TOKEN]);
    for (const digit of "12345") {
      store.rotate(digit.repeat(48));
      await authenticateAll([forgedToken(exp)]);
    }
    expect(store.reads.key).toBe(3);
  });

  test("a forged PocketPaw token, which no HMAC key signs, reads no previous key", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    await authenticateAll([nativeToken("another token", exp)], ["session", "native"]);
    expect(store.reads.previous).toBe(0);
  });

  test("so it is within the cooldown after an ordinary refresh, and for all of a burst", async () => {
    const { authenticateAll, store, clock, exp } = openAuthentication();
    await authenticateAll([MASTER_TOKEN]);
    clock.advance(60);
    await authenticateAll([MASTER_TOKEN]);
    clock.advance(1);
    store.rotate(OTHER_KEY);
    store.reads = { master: 0, key: 0, previous: 0 };
    const token = sessionToken(MASTER_TOKEN, OTHER_KEY, exp);
    const burst = await Promise.all(Array.from({ length: 200 }, () => authenticateAll([token])));
    expect(burst.every(({ accepted }) => accepted)).toBe(true);
    expect(store.reads.key).toBe(1);
  });

  test("a container that missed one of two rotations accepts tokens of both later keys", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    await authenticateAll([MASTER_TOKEN]);
    store.rotate("1".repeat(48));
    store.rotate("2".repeat(48));
    for (const key of ["1".repeat(48), "2".repeat(48)]) {
      const token = sessionToken(MASTER_TOKEN, key, exp);
      expect(await authenticateAll([token])).toMatchObject({ accepted: true });
    }
  });

  test("after a second one, tokens from before the first are refused within 60 s", async () => {
    const { authenticateAll, store, clock, exp } = openAuthentication();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    await authenticateAll([token]);
    store.rotate("1".repeat(48));
    store.rotate("2".repeat(48));
    clock.advance(60);
    expect(await authenticateAll([token])).toMatchObject({ accepted: false, reason: "bad_mac" });
  });

  test("a token of the version before is refused where there is none", async () => {
    const { authenticateAll, exp } = openAuthentication();
    expect(await authenticateAll([sessionToken(MASTER_TOKEN, OTHER_KEY, exp)])).toMatchObject({
      accepted: false,
      reason: "bad_mac",
    });
  });

  test("the version before signed nothing where it is unusable", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    const short = "k".repeat(31);
    store.values.previous = short;
    expect(await authenticateAll([sessionToken(MASTER_TOKEN, short, exp)])).toMatchObject({
      accepted: false,
      reason: "bad_mac",
    });
  });

  test("where the version before cannot be read, nothing is decided", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    store.values.previous = named("ThrottlingException", "slow down");
    await expect(authenticateAll([forgedToken(exp)])).rejects.toThrow("slow down");
    const good = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticateAll([good])).toMatchObject({ accepted: true });
  });
});

describe("a new master token", () => {
  const NEW_MASTER = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";

  test("is accepted at once by a container that holds the old one", async () => {
    const { authenticateAll, store } = openAuthentication();
    await authenticateAll([MASTER_TOKEN]);
    store.values.master = NEW_MASTER;
    expect(await authenticateAll([NEW_MASTER])).toMatchObject({ accepted: true });
  });

  test("ends every session and itself within 60 s, also under the previous HMAC key", async () => {
    const { authenticateAll, store, clock, exp } = openAuthentication();
    store.rotate(OTHER_KEY);
    const tokens = [
      MASTER_TOKEN,
      sessionToken(MASTER_TOKEN, OTHER_KEY, exp),
      sessionToken(MASTER_TOKEN, HMAC_KEY, exp),
    ];
    for (const token of tokens) {
      expect(await authenticateAll([token])).toMatchObject({ accepted: true });
    }
    store.values.master = NEW_MASTER;
    clock.advance(60);
    for (const token of tokens) {
      expect(await authenticateAll([token])).toMatchObject({ accepted: false });
    }
  });

  test("a session token made after it is accepted at once", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    await authenticateAll([MASTER_TOKEN]);
    store.values.master = NEW_MASTER;
    const token = sessionToken(NEW_MASTER, HMAC_KEY, exp);
    expect(await authenticateAll([token])).toMatchObject({ accepted: true });
  });
});
