import { describe, expect, test } from "vitest";
import { createAgeClock } from "../../../lib/secrets/age-clock.ts";
import type { Keys } from "../../../lib/secrets/keyring.ts";
import { createTestKeyring } from "../../support/keyring.ts";
import { named } from "../../support/secret-store.ts";

const NEW_MASTER = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
const masterOf = (keys: Keys) => keys.pocketPaw.export().toString();

test("the clock for ages follows the wall clock, and never steps back: it leaps ahead instead", () => {
  let wall = 1_000;
  const now = createAgeClock(() => wall, 60);
  const at = (time: number) => {
    wall = time;
    return now();
  };
  expect([at(1_000), at(1_500), at(1_500)]).toEqual([1_000, 1_500, 1_500]);
  expect([at(1_499), at(1_500)]).toEqual([1_560, 1_561]);
  expect([at(0), at(100)]).toEqual([1_621, 1_721]);
});

describe.each([5, 3_600])("after the wall clock has stepped back %i s", (seconds) => {
  test("the secrets are read again by the first request, and then kept for as long as ever", async () => {
    const { keyring, clock, store } = createTestKeyring();
    await keyring.current();
    store.values.master = NEW_MASTER;
    clock.advance(-seconds);
    expect(masterOf(await keyring.current())).toBe(NEW_MASTER);
    clock.advance(44.999);
    await keyring.current();
    expect(store.reads.master).toBe(2);
    clock.advance(15.001);
    await keyring.current();
    expect(store.reads.master).toBe(3);
  });

  test("while reads fail, the old value is used, and no longer than before", async () => {
    const { keyring, clock, store } = createTestKeyring();
    const keys = await keyring.current();
    store.values.master = named("InternalServiceError", "down");
    clock.advance(-seconds);
    expect(await keyring.current()).toBe(keys);
    clock.advance(900 - 60);
    await expect(keyring.current()).rejects.toMatchObject({ name: "SecretsUnavailable" });
  });

  test("bad tokens cause a refresh again, and the back-off after a failed read is over", async () => {
    const { keyring, clock, store } = createTestKeyring();
    const seen = await keyring.current();
    for (let count = 0; count < 3; count++) await keyring.renew(seen);
    expect(store.reads.key).toBe(3);
    clock.advance(-seconds);
    await keyring.current();
    store.values.key = named("InternalServiceError", "down");
    await keyring.renew(seen);
    expect(store.reads.key).toBe(5);
    store.values.key = "k".repeat(48);
    clock.advance(-seconds);
    expect(await keyring.current()).not.toBe(seen);
    expect(store.reads.key).toBe(6);
  });
});

test("reads are ordered by when they began: one from before a step back undoes no later one", async () => {
  const { keyring, clock, store } = createTestKeyring();
  store.values.master = "older";
  const older = store.hold();
  const first = keyring.current();
  clock.advance(-3_600);
  store.values.master = "newer";
  const newer = store.hold();
  const second = keyring.current();
  newer.release();
  expect(masterOf(await second)).toBe("newer");
  older.release();
  await first;
  expect(masterOf(await keyring.current())).toBe("newer");
});
