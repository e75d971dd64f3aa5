import { describe, expect, test } from "vitest";
import { type Accepts, authenticate, authenticateMaster } from "../../lib/authenticate.ts";
import { createTestKeyring } from "../support/keyring.ts";
import { named } from "../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionToken,
} from "../support/tokens.ts";

const DEFAULT: Accepts = { master: true, native: false };
const WITH_NATIVE: Accepts = { master: true, native: true };
const NO_MASTER: Accepts = { master: false, native: false };
const OTHER_KEY = "k".repeat(48);

function setUp() {
  const context = createTestKeyring();
  const now = context.clock.seconds();
  const authenticateAll = (credentials: string[], accepts = DEFAULT) =>
    authenticate(credentials, context.keyring, accepts, context.clock.seconds());
  return { ...context, now, exp: now + 3600, authenticateAll };
}

describe("one credential", () => {
  test("a session token is accepted, with its exp", async () => {
    const { authenticateAll, exp } = setUp();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticateAll([token])).toMatchObject({
      accepted: true,
      method: "session",
      token,
      expiresAt: exp,
    });
  });

  test("the master token is accepted, without an exp", async () => {
    const { authenticateAll } = setUp();
    const decision = await authenticateAll([MASTER_TOKEN]);
    expect(decision).toMatchObject({ accepted: true, method: "master", token: MASTER_TOKEN });
    expect(decision).not.toHaveProperty("expiresAt");
  });

  test("the master token is malformed where it is not accepted", async () => {
    const { authenticateAll } = setUp();
    const decision = await authenticateAll([MASTER_TOKEN], NO_MASTER);
    expect(decision).toEqual({ accepted: false, reason: "malformed" });
  });

  test("PocketPaw's own token is accepted where it is to be", async () => {
    const { authenticateAll, exp } = setUp();
    const token = nativeToken(MASTER_TOKEN, exp);
    expect(await authenticateAll([token], WITH_NATIVE)).toMatchObject({
      accepted: true,
      method: "native",
      token,
      expiresAt: exp,
    });
    expect(await authenticateAll([token], NO_MASTER)).toEqual({
      accepted: false,
      reason: "malformed",
    });
    expect(await authenticateAll([token])).toEqual({ accepted: false, reason: "wrong_master" });
  });

  test("PocketPaw's own token is refused from the second it ends, as ours is", async () => {
    const { authenticateAll, now } = setUp();
    const token = nativeToken(MASTER_TOKEN, now);
    const refused = { accepted: false, reason: "expired", token };
    expect(await authenticateAll([token], WITH_NATIVE)).toEqual(refused);
  });

  test.each(["", "x", `${MASTER_TOKEN}x`, MASTER_TOKEN.slice(0, -1), MASTER_TOKEN.toUpperCase()])(
    "a wrong master token is refused, and not told in the decision: %j",
    async (credential) => {
      const { authenticateAll } = setUp();
      expect(await authenticateAll([credential])).toEqual({
        accepted: false,
        reason: "wrong_master",
      });
    },
  );

  test("a forged and an expired session token are told in the decision", async () => {
    const { authenticateAll, exp, now } = setUp();
    for (const [token, reason] of [
      [forgedToken(exp), "bad_mac"],
      [sessionToken(MASTER_TOKEN, HMAC_KEY, now), "expired"],
    ] as const) {
      expect(await authenticateAll([token])).toEqual({ accepted: false, reason, token });
    }
  });

  test("a clock without a time accepts no token that has an end", async () => {
    const { keyring, exp } = setUp();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticate([token], keyring, DEFAULT, Number.NaN)).toMatchObject({
      accepted: false,
      reason: "expired",
    });
  });
});

describe("no secret is read for", () => {
  test.each([
    ["no credential", [], DEFAULT, "missing"],
    ["a malformed session token", ["session:1:2"], DEFAULT, "malformed"],
    ["anything but a session token, where only those are accepted", ["x"], NO_MASTER, "malformed"],
  ] as const)("%s", async (_name, credentials, accepts, reason) => {
    const { authenticateAll, store } = setUp();
    const decision = await authenticateAll([...credentials], accepts);
    expect(decision).toEqual({ accepted: false, reason });
    expect(store.reads).toEqual({ master: 0, key: 0, previous: 0 });
  });

  test("an expired token does not cause a renewal", async () => {
    const { authenticateAll, store, now } = setUp();
    await authenticateAll([sessionToken(MASTER_TOKEN, HMAC_KEY, now - 1)]);
    expect(store.reads).toEqual({ master: 1, key: 1, previous: 0 });
  });
});

describe("several credentials", () => {
  const bad = (exp: number): Record<string, string> => ({
    malformed: "session:x",
    expired: sessionToken(MASTER_TOKEN, HMAC_KEY, 1),
    forged: forgedToken(exp),
    wrongMaster: "wrong",
  });

  test.each(["malformed", "expired", "forged", "wrongMaster"])(
    "a good one behind a bad one lets the request in: %s",
    async (kind) => {
      const { authenticateAll, exp } = setUp();
      const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
      expect(await authenticateAll([bad(exp)[kind] ?? "", token])).toMatchObject({
        accepted: true,
        token,
      });
    },
  );

  test("behind a forged one, a token of the key before last rotation lets the request in", async () => {
    const { authenticateAll, store, exp } = setUp();
    store.rotate(OTHER_KEY);
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticateAll([forgedToken(exp), token])).toMatchObject({
      accepted: true,
      token,
    });
  });

  test("a good one lets the request in even if the previous key, which a bad one asks for, cannot be read", async () => {
    const { authenticateAll, store, exp } = setUp();
    store.values.previous = named("ThrottlingException", "slow down");
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticateAll([forgedToken(exp), token])).toMatchObject({
      accepted: true,
      token,
    });
  });

  test("a bad one that new secrets could turn counts, before or behind one that they could not", async () => {
    for (const order of [0, 1]) {
      const { authenticateAll, store, exp } = setUp();
      await authenticateAll([MASTER_TOKEN]);
      store.rotate(OTHER_KEY);
      const token = sessionToken(MASTER_TOKEN, OTHER_KEY, exp);
      const credentials = [token, sessionToken(MASTER_TOKEN, HMAC_KEY, 1)];
      if (order === 1) credentials.reverse();
      expect(await authenticateAll(credentials)).toMatchObject({ accepted: true, token });
    }
  });

  test("if all are bad, the reason is that of one", async () => {
    const { authenticateAll, exp } = setUp();
    const all = Object.values(bad(exp));
    const { accepted } = await authenticateAll(all);
    expect(accepted).toBe(false);
  });
});

describe("rotation of the HMAC key", () => {
  test("logs nobody out: a token of the previous key is accepted", async () => {
    const { authenticateAll, store, exp } = setUp();
    store.rotate(OTHER_KEY);
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticateAll([token])).toMatchObject({ accepted: true });
    expect(store.reads).toEqual({ master: 1, key: 1, previous: 1 });
  });

  test("a token of the new key is accepted at once by a container that holds the old one", async () => {
    const { authenticateAll, store, exp } = setUp();
    await authenticateAll([MASTER_TOKEN]);
    store.rotate(OTHER_KEY);
    const token = sessionToken(MASTER_TOKEN, OTHER_KEY, exp);
    expect(await authenticateAll([token])).toMatchObject({ accepted: true });
  });

  test("so it is within the cooldown after an ordinary refresh, and for all of a burst", async () => {
    const { authenticateAll, store, clock, exp } = setUp();
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
    const { authenticateAll, store, exp } = setUp();
    await authenticateAll([MASTER_TOKEN]);
    store.rotate("1".repeat(48));
    store.rotate("2".repeat(48));
    for (const key of ["1".repeat(48), "2".repeat(48)]) {
      const token = sessionToken(MASTER_TOKEN, key, exp);
      expect(await authenticateAll([token])).toMatchObject({ accepted: true });
    }
  });

  test("after a second one, tokens from before the first are refused within 60 s", async () => {
    const { authenticateAll, store, clock, exp } = setUp();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    await authenticateAll([token]);
    store.rotate("1".repeat(48));
    store.rotate("2".repeat(48));
    clock.advance(60);
    expect(await authenticateAll([token])).toMatchObject({ accepted: false, reason: "bad_mac" });
  });

  test("a token of the version before is refused where there is none", async () => {
    const { authenticateAll, exp } = setUp();
    expect(await authenticateAll([sessionToken(MASTER_TOKEN, OTHER_KEY, exp)])).toMatchObject({
      accepted: false,
      reason: "bad_mac",
    });
  });

  test("the version before signed nothing where it is unusable", async () => {
    const { authenticateAll, store, exp } = setUp();
    const short = "k".repeat(31);
    store.values.previous = short;
    expect(await authenticateAll([sessionToken(MASTER_TOKEN, short, exp)])).toMatchObject({
      accepted: false,
      reason: "bad_mac",
    });
  });

  test("where the version before cannot be read, nothing is decided", async () => {
    const { authenticateAll, store, exp } = setUp();
    store.values.previous = named("ThrottlingException", "slow down");
    await expect(authenticateAll([forgedToken(exp)])).rejects.toThrow("slow down");
    const good = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticateAll([good])).toMatchObject({ accepted: true });
  });
});

describe("a new master token", () => {
  const NEW_MASTER = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";

  test("is accepted at once by a container that holds the old one", async () => {
    const { authenticateAll, store } = setUp();
    await authenticateAll([MASTER_TOKEN]);
    store.values.master = NEW_MASTER;
    expect(await authenticateAll([NEW_MASTER])).toMatchObject({ accepted: true });
  });

  test("ends every session and itself within 60 s, also under the previous HMAC key", async () => {
    const { authenticateAll, store, clock, exp } = setUp();
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
    const { authenticateAll, store, exp } = setUp();
    await authenticateAll([MASTER_TOKEN]);
    store.values.master = NEW_MASTER;
    const token = sessionToken(NEW_MASTER, HMAC_KEY, exp);
    expect(await authenticateAll([token])).toMatchObject({ accepted: true });
  });
});

describe("authenticateMaster", () => {
  test("accepts the master token alone", async () => {
    const { keyring, exp } = setUp();
    expect(await authenticateMaster(MASTER_TOKEN, keyring)).toMatchObject({ accepted: true });
    for (const token of [
      "",
      "wrong",
      `${MASTER_TOKEN} `,
      sessionToken(MASTER_TOKEN, HMAC_KEY, exp),
      nativeToken(MASTER_TOKEN, exp),
      HMAC_KEY,
    ]) {
      expect(await authenticateMaster(token, keyring)).toEqual({
        accepted: false,
        reason: "wrong_master",
      });
    }
  });

  test("sees a new master token at once", async () => {
    const { keyring, store } = setUp();
    await authenticateMaster(MASTER_TOKEN, keyring);
    store.values.master = "new";
    expect(await authenticateMaster("new", keyring)).toMatchObject({ accepted: true });
    expect(await authenticateMaster(MASTER_TOKEN, keyring)).toMatchObject({ accepted: false });
  });

  test("rejects when the secrets cannot be read", async () => {
    const { keyring, store } = setUp();
    store.values.key = named("InternalServiceError", "down");
    await expect(authenticateMaster(MASTER_TOKEN, keyring)).rejects.toThrow("down");
  });
});
