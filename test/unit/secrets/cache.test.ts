import { describe, expect, test } from "vitest";
import { createCache } from "../../../lib/secrets/cache.ts";
import { DURATIONS, FRESH, LIMIT_MILLISECONDS, openCache } from "../../support/cache.ts";
import { createClock } from "../../support/clock.ts";

describe("fresh", () => {
  test("nothing is read before somebody asks", () => {
    expect(openCache().reads).toHaveLength(0);
  });

  test("a value is used without another read for three quarters of FRESH", async () => {
    const { clock, cached, reads, getWithRead } = openCache();
    await getWithRead("a");
    clock.advance(FRESH * 0.75 - 0.001);
    expect(await cached.get()).toBe("a");
    expect(reads).toHaveLength(1);
  });

  test("a value that is as old as FRESH is read again first", async () => {
    const { clock, reads, getWithRead } = openCache();
    await getWithRead("a");
    clock.advance(FRESH);
    expect(await getWithRead("b")).toBe("b");
    expect(reads).toHaveLength(2);
  });

  test("age counts from a read's start: what came late is not fresher than it was", async () => {
    const { clock, cached, reads, settleRead } = openCache();
    const got = cached.get();
    clock.advance(0.9);
    settleRead(0, "a");
    await got;
    clock.advance(FRESH - 0.9);
    void cached.get();
    expect(reads).toHaveLength(2);
  });

  test("undefined is a value like any other", async () => {
    const clock = createClock();
    let reads = 0;
    const cached = createCache<undefined>({
      read: async () => {
        reads += 1;
      },
      now: clock.now,
      ...DURATIONS,
      onFailure: () => undefined,
    });
    await cached.get();
    await cached.get();
    expect(reads).toBe(1);
  });
});

describe("one read at a time", () => {
  test("all who ask meanwhile get what the one read brings", async () => {
    const { cached, reads, settleRead } = openCache();
    const all = [cached.get(), cached.refresh(), cached.get()];
    expect(reads).toHaveLength(1);
    settleRead(0, "a");
    expect(await Promise.all(all)).toEqual(["a", "a", "a"]);
  });

  test("a refresh reads whatever the age", async () => {
    const { cached, reads, getWithRead, settleRead } = openCache();
    await getWithRead("a");
    const refreshed = cached.refresh();
    expect(reads).toHaveLength(2);
    settleRead(1, "b");
    expect(await refreshed).toBe("b");
    expect(await cached.get()).toBe("b");
  });

  test("after a failure the next one reads again: a failed read is not kept", async () => {
    const { cached, getWithRead } = openCache();
    await expect(getWithRead(new Error("down"))).rejects.toThrow("down");
    expect(await getWithRead("a")).toBe("a");
    expect(await cached.get()).toBe("a");
  });
});

describe("a frozen container", () => {
  test("a read that outlived its time limit delays no caller: the next read starts anew", async () => {
    const { clock, cached, reads, settleRead } = openCache();
    const frozen = cached.get();
    clock.advance(3600);
    const resumed = cached.get();
    expect(reads).toHaveLength(2);
    settleRead(1, "new");
    expect(await resumed).toBe("new");
    settleRead(0, "old");
    expect(await cached.get()).toBe("new");
    // What an overtaken read brings is out of date, also for the one who waited for it.
    expect(await frozen).toBe("new");
  });

  test("within its time limit a read is shared", () => {
    const { clock, cached, reads } = openCache();
    void cached.get();
    clock.advance(LIMIT_MILLISECONDS / 1000);
    void cached.get();
    expect(reads).toHaveLength(1);
  });

  test("the end of an overtaken read does not end the sharing of the later one", async () => {
    const { clock, cached, reads, settleRead } = openCache();
    const frozen = cached.get();
    clock.advance(3600);
    void cached.get();
    settleRead(0, "old");
    await frozen;
    void cached.refresh();
    expect(reads).toHaveLength(2);
  });

  test("the read is aborted at its time limit", async () => {
    const clock = createClock();
    const cached = createCache<string>({
      read: (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
      now: clock.now,
      ...DURATIONS,
      timeLimitMilliseconds: 20,
      onFailure: () => undefined,
    });
    await expect(cached.get()).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
