import { describe, expect, test } from "vitest";
import { UnusableSecret } from "../../../lib/errors.ts";
import type { Keys } from "../../../lib/secrets/keyring.ts";
import { createTestKeyring } from "../../support/keyring.ts";
import { MASTER_TOKEN_SECRET_ID, named } from "../../support/secret-store.ts";
import { HMAC_KEY, MASTER_TOKEN, sessionKey } from "../../support/tokens.ts";

const OTHER_KEY = "k".repeat(48);

/** The session key of `keys`, in hex. */
const hex = (keys: Keys): string => keys.session.export().toString("hex");
const previousHex = async (keys: Keys) => (await keys.previousSession())?.export().toString("hex");
const expectedHex = (masterToken: string, hmacKey: string) =>
  sessionKey(masterToken, hmacKey).toString("hex");

describe("current", () => {
  test("makes the keys of both secrets, each read once, and the previous one not at all", async () => {
    const { keyring, store } = createTestKeyring();
    const keys = await keyring.current();
    expect(hex(keys)).toBe(expectedHex(MASTER_TOKEN, HMAC_KEY));
    expect(keys.pocketPaw.export().toString()).toBe(MASTER_TOKEN);
    expect(store.reads).toEqual({ master: 1, key: 1, previous: 0 });
  });

  test("reads both secrets side by side, not one after the other", async () => {
    const { keyring, store } = createTestKeyring();
    const { release } = store.hold();
    const keys = keyring.current();
    expect(store.reads).toEqual({ master: 1, key: 1, previous: 0 });
    release();
    await keys;
  });

  test("gives the same object for as long as the secrets are the same, across reads", async () => {
    const { keyring, clock, store } = createTestKeyring();
    const keys = await keyring.current();
    clock.advance(60);
    expect(await keyring.current()).toBe(keys);
    expect(store.reads.key).toBe(2);
  });

  test("rejects as long as one secret cannot be read, and then works", async () => {
    const { keyring, store, failures } = createTestKeyring();
    store.values.key = named("ThrottlingException", "slow down");
    await expect(keyring.current()).rejects.toMatchObject({ cause: { message: "slow down" } });
    expect(failures).toMatchObject([{ secret: "hmac_key", ageSeconds: undefined }]);
    store.values.key = HMAC_KEY;
    expect(hex(await keyring.current())).toBe(expectedHex(MASTER_TOKEN, HMAC_KEY));
    expect(store.reads.master).toBe(1);
  });

  test("an unusable secret is a failed read: warm, the old keys stay in use", async () => {
    const { keyring, clock, store, failures } = createTestKeyring();
    const keys = await keyring.current();
    store.values.master = "";
    clock.advance(60);
    expect(await keyring.current()).toBe(keys);
    expect(failures).toMatchObject([{ secret: "master_token", ageSeconds: 60 }]);
    clock.advance(840);
    await expect(keyring.current()).rejects.toBeInstanceOf(UnusableSecret);
  });
});

describe("previousSession", () => {
  test("is read once for all who ask within 45 s", async () => {
    const { keyring, clock, store } = createTestKeyring();
    store.rotate(OTHER_KEY);
    const keys = await keyring.current();
    await Promise.all(Array.from({ length: 100 }, () => keys.previousSession()));
    clock.advance(44.999);
    await keys.previousSession();
    expect(store.reads.previous).toBe(1);
  });

  test.each([
    ["absent", undefined],
    ["too short", "k".repeat(31)],
  ])("is undefined where it is %s, which is no failure", async (_name, value) => {
    const { keyring, store, failures } = createTestKeyring();
    store.values.previous = value;
    const keys = await keyring.current();
    for (const _time of [1, 2]) expect(await keys.previousSession()).toBeUndefined();
    expect(store.reads.previous).toBe(1);
    expect(failures).toEqual([]);
  });

  test("rejects when it cannot be read, and is read again after 5 s", async () => {
    const { keyring, clock, store, failures } = createTestKeyring();
    const keys = await keyring.current();
    store.values.previous = named("AccessDeniedException", "no");
    await expect(keys.previousSession()).rejects.toMatchObject({ cause: { message: "no" } });
    expect(failures).toMatchObject([{ secret: "hmac_key", ageSeconds: undefined }]);
    store.values.previous = OTHER_KEY;
    clock.advance(4.999);
    await expect(keys.previousSession()).rejects.toMatchObject({ cause: { message: "no" } });
    expect(store.reads.previous).toBe(1);
    clock.advance(0.001);
    expect(await previousHex(keys)).toBe(expectedHex(MASTER_TOKEN, OTHER_KEY));
  });
});

test("a hanging Secrets Manager ends by the time limit", async () => {
  const { keyring, store } = createTestKeyring(20);
  store.hold();
  await expect(keyring.current()).rejects.toMatchObject({ cause: { name: "TimeoutError" } });
});

test("a caller waits for both reads, also when one has failed: none outlives its invocation", async () => {
  const { keyring, store } = createTestKeyring();
  const { read } = store;
  const failed = Promise.reject(named("AccessDeniedException", "no"));
  store.read = (id, ...rest) => (id === MASTER_TOKEN_SECRET_ID ? failed : read(id, ...rest));
  const { release } = store.hold();
  let isSettled = false;
  const current = keyring.current().finally(() => {
    isSettled = true;
  });
  current.catch(() => undefined);
  await new Promise(setImmediate);
  expect(isSettled).toBe(false);
  release();
  await expect(current).rejects.toMatchObject({ cause: { message: "no" } });
});
