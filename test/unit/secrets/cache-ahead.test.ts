import { describe, expect, test } from "vitest";
import { FRESH, LIMIT_MILLISECONDS, openCache, RETRY } from "../../support/cache.ts";

const AHEAD = FRESH * 0.75;

/** A cache whose value is old enough for a refresh ahead, which has begun: it is read 1. */
async function openAhead() {
  const context = openCache();
  await context.getWithRead("a");
  context.clock.advance(AHEAD);
  await context.cached.get();
  return context;
}

describe("from three quarters of FRESH on", () => {
  test("a caller starts a read and does not wait for it; the next ones start no other", async () => {
    const { clock, cached, reads, getWithRead, settleRead } = openCache();
    await getWithRead("a");
    clock.advance(AHEAD);
    expect(await cached.get()).toBe("a");
    expect(await cached.get()).toBe("a");
    expect(reads).toHaveLength(2);
    settleRead(1, "b");
    await expect.poll(() => cached.get()).toBe("b");
    expect(reads).toHaveLength(2);
  });

  test("each value is read ahead, also where FRESH is shorter than the pause after a failure", async () => {
    const freshSeconds = RETRY / 2;
    const { clock, cached, reads, getWithRead, settleRead } = openCache({ freshSeconds });
    await getWithRead("0");
    for (const turn of [1, 2, 3]) {
      clock.advance(freshSeconds * 0.75);
      expect(await cached.get()).toBe(String(turn - 1));
      settleRead(turn, String(turn));
      await expect.poll(() => cached.get()).toBe(String(turn));
    }
    expect(reads).toHaveLength(4);
  });

  test("a failed one is not reported, and is repeated after the pause", async () => {
    const { clock, cached, reads, failures, getWithRead, settleRead } = openCache();
    await getWithRead("a");
    clock.advance(AHEAD);
    await cached.get();
    settleRead(1, new Error("cut off"));
    await new Promise(setImmediate);
    clock.advance(RETRY - 0.001);
    expect(await cached.get()).toBe("a");
    expect(reads).toHaveLength(2);
    clock.advance(0.001);
    expect(await cached.get()).toBe("a");
    expect(reads).toHaveLength(3);
    expect(failures).toEqual([]);
  });

  test("a failed one rejects nothing unhandled", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", note);
    const { settleRead } = await openAhead();
    settleRead(1, new Error("down"));
    await new Promise(setImmediate);
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("a failed one is followed by a read that a caller waits for, whose failure is reported", async () => {
    const { clock, failures, getWithRead, settleRead } = await openAhead();
    settleRead(1, new Error("down"));
    await new Promise(setImmediate);
    clock.advance(FRESH - AHEAD);
    expect(await getWithRead(new Error("still down"))).toBe("a");
    expect(failures).toMatchObject([{ error: { message: "still down" }, ageSeconds: FRESH }]);
  });

  test("none is started during the pause after a failure", async () => {
    const { clock, cached, reads, getWithRead } = openCache();
    await getWithRead("a");
    clock.advance(FRESH);
    await getWithRead(new Error("down"));
    expect(await cached.get()).toBe("a");
    clock.advance(RETRY - 0.001);
    expect(await cached.get()).toBe("a");
    expect(reads).toHaveLength(2);
  });

  test("the value that it brings is as old as its start", async () => {
    const { clock, cached, reads, settleRead } = await openAhead();
    clock.advance(1);
    settleRead(1, "b");
    await new Promise(setImmediate);
    clock.advance(AHEAD - 1.001);
    expect(await cached.get()).toBe("b");
    expect(reads).toHaveLength(2);
    clock.advance(0.001);
    expect(await cached.get()).toBe("b");
    expect(reads).toHaveLength(3);
  });

  test("one that takes longer than a caller may wait still counts: no caller waits for it", async () => {
    const { clock, cached, reads, getWithRead, settleRead } = openCache();
    await getWithRead("a");
    clock.advance(AHEAD);
    await cached.get();
    clock.advance((LIMIT_MILLISECONDS * 2) / 1000);
    expect(await cached.get()).toBe("a");
    expect(reads).toHaveLength(2);
    settleRead(1, "b");
    await expect.poll(() => cached.get()).toBe("b");
    clock.advance(AHEAD - (LIMIT_MILLISECONDS * 2) / 1000);
    await cached.get();
    expect(reads).toHaveLength(3);
  });

  test("one that hangs is followed by another after the pause", async () => {
    const { clock, cached, reads, getWithRead } = openCache();
    await getWithRead("a");
    clock.advance(AHEAD);
    await cached.get();
    clock.advance(RETRY + 0.001);
    await cached.get();
    expect(reads).toHaveLength(3);
  });
});

describe("one that was cut off, as by a freeze", () => {
  test("is joined by no caller that must wait, and its late result undoes nothing", async () => {
    const { clock, cached, reads, failures, getWithRead, settleRead } = openCache();
    await getWithRead("a");
    clock.advance(AHEAD);
    await cached.get();
    clock.advance(FRESH - AHEAD);
    expect(await getWithRead("c")).toBe("c");
    expect(reads).toHaveLength(3);
    settleRead(1, "b");
    await new Promise(setImmediate);
    expect(await cached.get()).toBe("c");
    expect(failures).toEqual([]);
  });

  test("is joined by no refresh that a token causes", async () => {
    const { cached, reads, settleRead } = await openAhead();
    const refreshed = cached.refresh();
    expect(reads).toHaveLength(3);
    settleRead(2, "c");
    expect(await refreshed).toBe("c");
  });

  test("is no failure when it rejects late, and leaves the newer value in place", async () => {
    const { clock, cached, reads, failures, settleRead } = await openAhead();
    clock.advance(3600);
    const resumed = cached.get();
    settleRead(1, new Error("aborted"));
    settleRead(2, "new");
    expect(await resumed).toBe("new");
    expect(await cached.get()).toBe("new");
    expect(failures).toEqual([]);
    expect(reads).toHaveLength(3);
  });
});
