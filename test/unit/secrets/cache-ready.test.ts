import { expect, test } from "vitest";
import { FRESH, openCache, RETRY, STALE } from "../../support/cache.ts";

test("nothing is ready before the first read, and asking starts none", () => {
  const { cached, reads } = openCache();
  expect(cached.ready()).toBeUndefined();
  expect(reads).toHaveLength(0);
});

test("a value is ready until it is as old as FRESH", async () => {
  const { clock, cached, getWithRead } = openCache();
  await getWithRead("a");
  clock.advance(FRESH - 0.001);
  expect(cached.ready()?.value).toBe("a");
  clock.advance(0.001);
  expect(cached.ready()).toBeUndefined();
});

test("from three quarters of FRESH on, asking starts one read ahead", async () => {
  const { clock, cached, reads, settleRead, getWithRead } = openCache();
  await getWithRead("a");
  clock.advance(FRESH * 0.75);
  expect(cached.ready()?.value).toBe("a");
  expect(cached.ready()?.value).toBe("a");
  expect(reads).toHaveLength(2);
  settleRead(1, "b");
  await expect.poll(() => cached.ready()?.value).toBe("b");
});

test("after a failed read the old value is ready until the next try is due", async () => {
  const { clock, cached, getWithRead } = openCache();
  await getWithRead("a");
  clock.advance(FRESH);
  await getWithRead(new Error("unavailable"));
  expect(cached.ready()?.value).toBe("a");
  clock.advance(RETRY);
  expect(cached.ready()).toBeUndefined();
});

test("a stale value is not ready, also after a failed read", async () => {
  const { clock, cached, getWithRead } = openCache();
  await getWithRead("a");
  clock.advance(STALE - 1);
  await getWithRead(new Error("unavailable"));
  expect(cached.ready()?.value).toBe("a");
  clock.advance(1);
  expect(cached.ready()).toBeUndefined();
});
