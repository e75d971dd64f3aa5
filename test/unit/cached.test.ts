import { describe, expect, test } from "vitest";
import { type CachedOptions, createCached } from "../../lib/cached.ts";
import { createClock } from "../support/clock.ts";

const FRESH = 60;
const STALE = 900;
const RETRY = 5;
const LIMIT_MILLISECONDS = 1_000;
const DURATIONS = {
  freshSeconds: FRESH,
  staleSeconds: STALE,
  retrySeconds: RETRY,
  retryWaitsWhenEmpty: false,
  timeLimitMilliseconds: LIMIT_MILLISECONDS,
};

/** A cache over a read that counts, and that each test answers as it likes. */
function setUp(options: Partial<CachedOptions<string>> = {}) {
  const clock = createClock();
  const reads: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const failures: { error: unknown; ageSeconds: number | undefined }[] = [];
  const cached = createCached<string>({
    read: () => new Promise((resolve, reject) => reads.push({ resolve, reject })),
    now: clock.now,
    ...DURATIONS,
    onFailure: (error, ageSeconds) => failures.push({ error, ageSeconds }),
    ...options,
  });
  const answerRead = (index: number, answer: string | Error) => {
    const read = reads[index];
    if (read === undefined) throw new Error(`there is no read ${index}`);
    if (typeof answer === "string") read.resolve(answer);
    else read.reject(answer);
  };
  /** Calls `get` and answers the read that it must have caused. */
  const getWithRead = async (answer: string | Error) => {
    const got = cached.get();
    answerRead(reads.length - 1, answer);
    return got;
  };
  return { clock, reads, failures, cached, answerRead, getWithRead };
}

describe("fresh", () => {
  test("nothing is read before somebody asks", () => {
    expect(setUp().reads).toHaveLength(0);
  });

  test("a value is used without another read until it is as old as it may be", async () => {
    const { clock, cached, reads, getWithRead } = setUp();
    await getWithRead("a");
    clock.advance(FRESH - 0.001);
    expect(await cached.get()).toBe("a");
    expect(reads).toHaveLength(1);
    clock.advance(0.001);
    expect(await getWithRead("b")).toBe("b");
    expect(reads).toHaveLength(2);
  });

  test("age counts from a read's start: what came late is not fresher than it was", async () => {
    const { clock, cached, reads, answerRead } = setUp();
    const got = cached.get();
    clock.advance(0.9);
    answerRead(0, "a");
    await got;
    clock.advance(FRESH - 0.9);
    void cached.get();
    expect(reads).toHaveLength(2);
  });

  test("undefined is a value like any other", async () => {
    const clock = createClock();
    let reads = 0;
    const cached = createCached<undefined>({
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
    const { cached, reads, answerRead } = setUp();
    const all = [cached.get(), cached.refresh(), cached.get()];
    expect(reads).toHaveLength(1);
    answerRead(0, "a");
    expect(await Promise.all(all)).toEqual(["a", "a", "a"]);
  });

  test("a refresh reads whatever the age", async () => {
    const { cached, reads, getWithRead, answerRead } = setUp();
    await getWithRead("a");
    const refreshed = cached.refresh();
    expect(reads).toHaveLength(2);
    answerRead(1, "b");
    expect(await refreshed).toBe("b");
    expect(await cached.get()).toBe("b");
  });

  test("after a failure the next one reads again: a failed read is not kept", async () => {
    const { cached, getWithRead } = setUp();
    await expect(getWithRead(new Error("down"))).rejects.toThrow("down");
    expect(await getWithRead("a")).toBe("a");
    expect(await cached.get()).toBe("a");
  });
});

describe("stale", () => {
  test("the old value is used while reads fail, until it is stale", async () => {
    const { clock, getWithRead } = setUp();
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
    const { clock, cached, getWithRead, answerRead, reads } = setUp();
    await getWithRead("a");
    clock.advance(STALE - 0.5);
    const got = cached.get();
    clock.advance(0.5);
    answerRead(reads.length - 1, new Error("down"));
    await expect(got).rejects.toThrow("down");
  });

  test("each failed read is told once, with the age of the value that is still held", async () => {
    const { clock, cached, failures, getWithRead, answerRead } = setUp();
    const down = new Error("down");
    await expect(getWithRead(down)).rejects.toThrow();
    await getWithRead("a");
    clock.advance(FRESH);
    const all = [cached.get(), cached.get(), cached.get()];
    answerRead(2, down);
    expect(await Promise.all(all)).toEqual(["a", "a", "a"]);
    expect(failures).toEqual([
      { error: down, ageSeconds: undefined },
      { error: down, ageSeconds: FRESH },
    ]);
  });

  test("a refresh that fails rejects, and leaves the value that is held", async () => {
    const { cached, getWithRead, answerRead } = setUp();
    await getWithRead("a");
    const refreshed = cached.refresh();
    answerRead(1, new Error("down"));
    await expect(refreshed).rejects.toThrow("down");
    expect(await cached.get()).toBe("a");
  });
});

describe("back-off", () => {
  test("after a failed read the old value is used for a while without asking", async () => {
    const { clock, cached, reads, getWithRead } = setUp();
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
    const { clock, cached, reads, getWithRead, answerRead } = setUp({
      freshSeconds: 2,
      retrySeconds: 60,
    });
    await getWithRead("a");
    clock.advance(2);
    await getWithRead(new Error("down"));
    const refreshed = cached.refresh();
    answerRead(2, "b");
    await refreshed;
    clock.advance(2);
    void cached.get();
    expect(reads).toHaveLength(4);
  });

  test("never uses a value that has gone stale meanwhile", async () => {
    const { clock, getWithRead } = setUp({ freshSeconds: FRESH, retrySeconds: STALE });
    await getWithRead("a");
    clock.advance(STALE - 1);
    await getWithRead(new Error("down"));
    clock.advance(1);
    expect(await getWithRead("b")).toBe("b");
  });
});

describe("with no value to use, after a failed read", () => {
  test("the next one reads again at once, by default", async () => {
    const { cached, reads, getWithRead } = setUp();
    await expect(getWithRead(new Error("down"))).rejects.toThrow("down");
    void cached.get();
    expect(reads).toHaveLength(2);
  });

  test("or is told the same error without a read, until the back-off is over", async () => {
    const { clock, cached, reads, getWithRead } = setUp({ retryWaitsWhenEmpty: true });
    await expect(getWithRead(new Error("down"))).rejects.toThrow("down");
    clock.advance(RETRY - 0.001);
    await expect(cached.get()).rejects.toThrow("down");
    expect(reads).toHaveLength(1);
    clock.advance(0.001);
    expect(await getWithRead("a")).toBe("a");
  });

  test("a refresh reads in any case", async () => {
    const { cached, getWithRead, answerRead } = setUp({ retryWaitsWhenEmpty: true });
    await expect(getWithRead(new Error("down"))).rejects.toThrow("down");
    const refreshed = cached.refresh();
    answerRead(1, "a");
    expect(await refreshed).toBe("a");
    expect(await cached.get()).toBe("a");
  });
});

describe("a frozen container", () => {
  test("a read that outlived its time limit holds up nobody: the next one starts anew", async () => {
    const { clock, cached, reads, answerRead } = setUp();
    const frozen = cached.get();
    clock.advance(3600);
    const thawed = cached.get();
    expect(reads).toHaveLength(2);
    answerRead(1, "new");
    expect(await thawed).toBe("new");
    answerRead(0, "old");
    expect(await cached.get()).toBe("new");
    // What an overtaken read brings is out of date, also for the one who waited for it.
    expect(await frozen).toBe("new");
  });

  test("within its time limit a read is shared", () => {
    const { clock, cached, reads } = setUp();
    void cached.get();
    clock.advance(LIMIT_MILLISECONDS / 1000);
    void cached.get();
    expect(reads).toHaveLength(1);
  });

  test("the end of an overtaken read does not end the sharing of the later one", async () => {
    const { clock, cached, reads, answerRead } = setUp();
    const frozen = cached.get();
    clock.advance(3600);
    void cached.get();
    answerRead(0, "old");
    await frozen;
    void cached.refresh();
    expect(reads).toHaveLength(2);
  });

  test("the read is aborted at its time limit", async () => {
    const clock = createClock();
    const cached = createCached<string>({
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
