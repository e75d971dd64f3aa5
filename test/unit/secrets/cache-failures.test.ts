import { describe, expect, test } from "vitest";
import { FRESH, LIMIT_MILLISECONDS, openCache, RETRY, STALE } from "../../support/cache.ts";

describe("stale", () => {
  test("the old value is used while reads fail, until it is stale", async () => {
    const { clock, getWithRead } = openCache();
    await getWithRead("a");
    clock.advance(FRESH);
    expect(await getWithRead(new Error("down"))).toBe("a");
    clock.advance(STALE - FRESH - 0.001);
    expect(await getWithRead(new Error("down"))).toBe("a");
    clock.advance(0.001);
    const got = getWithRead(new Error("still down"));
    await expect(got).rejects.toThrow("still down");
  });

  test("a value that goes stale while the read that fails is under way is not used", async () => {
    const { clock, cached, getWithRead, settleRead, reads } = openCache();
    await getWithRead("a");
    clock.advance(STALE - 0.5);
    const got = cached.get();
    clock.advance(0.5);
    settleRead(reads.length - 1, new Error("down"));
    await expect(got).rejects.toThrow("down");
  });

  test("each failed read is reported once, with the age of the value that is still held", async () => {
    const { clock, cached, failures, getWithRead, settleRead } = openCache();
    const down = new Error("down");
    await expect(getWithRead(down)).rejects.toThrow();
    await getWithRead("a");
    clock.advance(FRESH);
    const all = [cached.get(), cached.get(), cached.get()];
    settleRead(2, down);
    expect(await Promise.all(all)).toEqual(["a", "a", "a"]);
    expect(failures).toEqual([
      { error: down, ageSeconds: undefined },
      { error: down, ageSeconds: FRESH },
    ]);
  });

  test("a refresh that fails rejects, and leaves the value that is held", async () => {
    const { cached, getWithRead, settleRead } = openCache();
    await getWithRead("a");
    const refreshed = cached.refresh();
    settleRead(1, new Error("down"));
    await expect(refreshed).rejects.toThrow("down");
    expect(await cached.get()).toBe("a");
  });
});

describe("back-off", () => {
  test("after a failed read the old value is used for a while without asking", async () => {
    const { clock, cached, reads, getWithRead } = openCache();
    await getWithRead("a");
    clock.advance(FRESH);
    await getWithRead(new Error("down"));
    clock.advance(RETRY - 0.001);
    expect(await cached.get()).toBe("a");
    expect(reads).toHaveLength(2);
    clock.advance(0.001);
    expect(await getWithRead("b")).toBe("b");
  });

  test("it ends with the next read that succeeds", async () => {
    const { clock, cached, reads, getWithRead, settleRead } = openCache({
      freshSeconds: 2,
      retrySeconds: 60,
    });
    await getWithRead("a");
    clock.advance(2);
    await getWithRead(new Error("down"));
    const refreshed = cached.refresh();
    settleRead(2, "b");
    await refreshed;
    clock.advance(2);
    void cached.get();
    expect(reads).toHaveLength(4);
  });

  test("never uses a value that has gone stale meanwhile", async () => {
    const { clock, getWithRead } = openCache({ freshSeconds: FRESH, retrySeconds: STALE });
    await getWithRead("a");
    clock.advance(STALE - 1);
    await getWithRead(new Error("down"));
    clock.advance(1);
    expect(await getWithRead("b")).toBe("b");
  });
});

describe("with no value to use, after a failed read", () => {
  test("the next one reads again at once, by default", async () => {
    const { cached, reads, getWithRead } = openCache();
    await expect(getWithRead(new Error("down"))).rejects.toThrow("down");
    void cached.get();
    expect(reads).toHaveLength(2);
  });

  test("or gets the same error without a read, until the back-off is over", async () => {
    const { clock, cached, reads, getWithRead } = openCache({ rejectsWhenEmpty: true });
    await expect(getWithRead(new Error("down"))).rejects.toThrow("down");
    clock.advance(RETRY - 0.001);
    await expect(cached.get()).rejects.toThrow("down");
    expect(reads).toHaveLength(1);
    clock.advance(0.001);
    expect(await getWithRead("a")).toBe("a");
  });

  test("a value that has gone stale is read again, also where that is so", async () => {
    const { clock, getWithRead } = openCache({ rejectsWhenEmpty: true, retrySeconds: STALE });
    await getWithRead("a");
    clock.advance(STALE - 1);
    await getWithRead(new Error("down"));
    clock.advance(1);
    expect(await getWithRead("b")).toBe("b");
  });

  test("a refresh reads in any case", async () => {
    const { cached, getWithRead, settleRead } = openCache({ rejectsWhenEmpty: true });
    await expect(getWithRead(new Error("down"))).rejects.toThrow("down");
    const refreshed = cached.refresh();
    settleRead(1, "a");
    expect(await refreshed).toBe("a");
    expect(await cached.get()).toBe("a");
  });
});

test("a read that is past its time limit and fails after the next one has begun is not reported", async () => {
  const { clock, cached, reads, failures, settleRead } = openCache();
  const first = cached.refresh();
  clock.advance(LIMIT_MILLISECONDS / 1_000 + 0.001);
  const second = cached.refresh();
  expect(reads).toHaveLength(2);
  settleRead(0, new Error("aborted"));
  await expect(first).rejects.toThrow("aborted");
  expect(failures).toEqual([]);
  settleRead(1, "a");
  expect(await second).toBe("a");
});
