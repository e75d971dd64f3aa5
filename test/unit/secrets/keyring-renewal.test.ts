import { expect, test } from "vitest";
import { createTestKeyring } from "../../support/keyring.ts";
import { named } from "../../support/secret-store.ts";

const OTHER_KEY = "k".repeat(48);
const COOLDOWN = 5;

test("a renewal is given back once, however many of its callers were accepted", async () => {
  const { keyring, store } = createTestKeyring();
  const seen = await keyring.current();
  const shared = await Promise.all([keyring.renew(seen), keyring.renew(seen)]);
  await keyring.renew(seen);
  expect(store.reads.key).toBe(3);
  for (const { giveBack } of shared) giveBack();
  await keyring.renew(seen);
  await keyring.renew(seen);
  expect(store.reads.key).toBe(4);
});

test("a version of the master token with the same value is another version", async () => {
  const { keyring, store } = createTestKeyring();
  const seen = await keyring.current();
  store.versionIds.master = "master-2";
  const { keys } = await keyring.renew(seen);
  expect(seen.masterTokenVersion).toBe("master-1");
  expect(keys.masterTokenVersion).toBe("master-2");
});

test("all of a burst get the new keys by the one read, also those that come while it is under way", async () => {
  const { keyring, store } = createTestKeyring();
  const seen = await keyring.current();
  store.rotate(OTHER_KEY);
  const { release } = store.hold();
  const first = Array.from({ length: 50 }, () => keyring.renew(seen));
  const later = (async () => {
    while (store.reads.key < 2) await Promise.resolve();
    return Promise.all(Array.from({ length: 50 }, () => keyring.renew(seen)));
  })();
  while (store.reads.key < 2) await Promise.resolve();
  release();
  const all = [...(await Promise.all(first)), ...(await later)];
  expect(new Set(all.map(({ keys }) => keys)).size).toBe(1);
  expect(all[0]?.keys).not.toBe(seen);
  expect(store.reads).toEqual({ master: 2, key: 2, previous: 0 });
});

test("whoever was refused by keys that are out of date by now reads nothing", async () => {
  const { keyring, store } = createTestKeyring();
  const seen = await keyring.current();
  store.rotate(OTHER_KEY);
  const { keys } = await keyring.renew(seen);
  expect((await keyring.renew(seen)).keys).toBe(keys);
  expect(store.reads.key).toBe(2);
});

test("a renewal that fails gives the keys that are there, and counts for the cooldown", async () => {
  const { keyring, clock, store, failures } = createTestKeyring();
  const seen = await keyring.current();
  store.values.key = named("InternalServiceError", "down");
  expect((await keyring.renew(seen)).keys).toBe(seen);
  expect(failures).toMatchObject([{ secret: "hmac_key", ageSeconds: 0 }]);
  clock.advance(COOLDOWN - 0.001);
  await keyring.renew(seen);
  expect(store.reads.key).toBe(2);
  store.values.key = OTHER_KEY;
  clock.advance(0.001);
  expect((await keyring.renew(seen)).keys).not.toBe(seen);
});

test("one secret that can be read is renewed though the other cannot", async () => {
  const { keyring, store } = createTestKeyring();
  const seen = await keyring.current();
  store.values.key = named("InternalServiceError", "down");
  store.values.master = "another";
  expect((await keyring.renew(seen)).keys.pocketPaw.export().toString()).toBe("another");
});

test("a renewal that hangs ends by its time limit, and does not keep the next one from reading", async () => {
  const { keyring, clock, store } = createTestKeyring(20);
  const seen = await keyring.current();
  const { release } = store.hold();
  expect((await keyring.renew(seen)).keys).toBe(seen);
  release();
  store.rotate(OTHER_KEY);
  clock.advance(COOLDOWN);
  expect((await keyring.renew(seen)).keys).not.toBe(seen);
});
