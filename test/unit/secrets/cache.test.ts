import { describe, expect, test } from "vitest";
import { createCache } from "../../../lib/secrets/cache.ts";
import { createClock } from "../../support/clock.ts";

/*
 * Each scenario is a line of steps: FRESH is 60 s, STALE 900 s, the pause after a failure 5 s, a read's limit 1 s.
 *   get, refresh    a caller asks, and goes on waiting         +60      so many seconds pass
 *   2:b  2:!        read 2 (from 1) brings b, or fails         3 reads  so many have begun
 *   =a   =!         what the last caller gets: a, or an error  ready a  ready -  what is ready now
 *   failures …      the ages, in seconds, of the values held at the failures reported so far
 */
const SCENARIOS: Record<string, Record<string, string>> = {
  "a value that is fresh": {
    "is not read before somebody asks": "ready -; 0 reads",
    "is used for three quarters of FRESH without another read":
      "get; 1:a; =a; +44.999; get; =a; ready a; 1 reads",
    "is read again first once it is as old as FRESH":
      "get; 1:a; +59.999; ready a; +0.001; ready -; get; 3:b; =b; 3 reads",
    "is as old as its read's start": "get; +0.9; 1:a; =a; +59.1; get; 2 reads",
  },
  "one read at a time": {
    "is shared by all who ask meanwhile": "get; refresh; get; 1 reads; 1:a; =a",
    "is begun by a refresh whatever the age": "get; 1:a; refresh; 2 reads; 2:b; =b; get; =b",
    "is not kept where it failed": "get; 1:!; =!; get; 2:a; =a; get; =a; 2 reads",
    "is shared within its time limit, and not beyond":
      "get; +1; get; 1 reads; +0.001; get; 2 reads",
  },
  "from three quarters of FRESH on": {
    "one read is begun ahead, and nobody waits for it":
      "get; 1:a; +45; get; =a; get; =a; 2 reads; 2:b; ready b; get; =b; 2 reads",
    "each value is read ahead":
      "get; 1:a; +45; get; 2:b; ready b; +45; get; =b; 3:c; ready c; 3 reads",
    "a failed read is not reported, and is repeated after the pause":
      "get; 1:a; +45; get; 2:!; +4.999; get; =a; 2 reads; +0.001; get; =a; 3 reads; failures",
    "a failed one is followed by one that a caller waits for, which is reported":
      "get; 1:a; +45; get; 2:!; +15; get; 3:!; =a; failures 60",
    "none is begun in the pause after a failure":
      "get; 1:a; +60; get; 2:!; =a; +4.999; get; =a; 2 reads",
    "its value is as old as its start":
      "get; 1:a; +45; get; +1; 2:b; ready b; +43.999; get; =b; 2 reads; +0.001; get; =b; 3 reads",
    "one may take longer than a caller may wait":
      "get; 1:a; +45; get; +2; get; =a; 2 reads; 2:b; ready b",
    "one that hangs is followed by another after the pause":
      "get; 1:a; +45; get; +5; get; 2 reads; +0.001; get; 3 reads",
    "no caller that must wait joins one, and its late result undoes nothing":
      "get; 1:a; +45; get; +15; get; 3:c; =c; 2:b; get; =c; 3 reads; failures",
    "no refresh joins one": "get; 1:a; +45; get; refresh; 3 reads; 3:c; =c",
    "one that rejects after a freeze is no failure":
      "get; 1:a; +45; get; +3600; get; 2:!; 3:b; =b; get; =b; 3 reads; failures",
  },
  "while reads fail": {
    "the old value is used until it is stale":
      "get; 1:a; +60; get; 2:!; =a; +839.999; get; 3:!; =a; +0.001; ready -; get; 4:!; =!",
    "a value that goes stale during the read is not used": "get; 1:a; +899.5; get; +0.5; 2:!; =!",
    "each failure is reported once, with the age of the value that is held":
      "get; 1:!; =!; get; 2:a; +60; get; get; 3:!; =a; failures -,60",
    "a refresh rejects, and leaves the value": "get; 1:a; refresh; 2:!; =!; get; =a",
    "the next try waits for the pause":
      "get; 1:a; +60; get; 2:!; ready a; +4.999; get; =a; 2 reads; +0.001; ready -; get; 3:b; =b",
    "the pause ends with a read that succeeds":
      "get; 1:a; +60; get; 2:!; =a; refresh; 3:b; =b; +60; get; 4 reads",
    "with no value, the next caller reads at once": "get; 1:!; =!; get; 2 reads",
  },
  "a container that was frozen": {
    "delays no caller by the read that was cut off, which brings what is newer":
      "get; +3600; get; 2:b; =b; 1:a; get; =b; 2 reads",
    "shares the later read also after the end of the earlier one":
      "get; +3600; get; 1:a; refresh; 2 reads",
    "reports no failure of a read that was overtaken":
      "refresh; +1.001; refresh; 1:!; failures; 2:a; =a",
  },
};

/** Plays a scenario on a cache. */
async function play(steps: string, options: { rejectsWhenEmpty?: boolean } = {}): Promise<void> {
  const clock = createClock();
  const reads: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const failures: (number | undefined)[] = [];
  const cached = createCache<string>({
    read: () => new Promise((resolve, reject) => reads.push({ resolve, reject })),
    now: clock.now,
    ...{ freshSeconds: 60, staleSeconds: 900, cooldownSeconds: 5, timeLimitMilliseconds: 1_000 },
    rejectsWhenEmpty: false,
    onFailure: (_error, ageSeconds) => failures.push(ageSeconds),
    ...options,
  });
  let last: Promise<string> = Promise.resolve("nobody has asked");
  for (const step of steps.split("; ")) {
    const [word = "", value = ""] = step.split(/[ :]/);
    if (word === "get" || word === "refresh") last = cached[word]();
    else if (word.startsWith("+")) clock.advance(Number(word));
    else if (word === "ready") expect(cached.ready()?.value ?? "-", step).toBe(value);
    else if (word === "failures")
      expect(failures.map((age) => age ?? "-").join(), step).toBe(value);
    else if (word.startsWith("=")) expect(await last.catch(() => "!"), step).toBe(word.slice(1));
    else if (value === "reads") expect(reads, step).toHaveLength(Number(word));
    else if (value === "!") reads[Number(word) - 1]?.reject(new Error("down"));
    else reads[Number(word) - 1]?.resolve(value);
    last.catch(() => undefined);
    await new Promise(setImmediate);
  }
}

describe.each(Object.entries(SCENARIOS))("%s", (_what, scenarios) => {
  test.each(Object.entries(scenarios))("%s", (_name, steps) => play(steps));
});

test.each([
  [
    "gets the last error without a read until the pause is over",
    "get; 1:!; =!; +4.999; get; =!; 1 reads; +0.001; get; 2:a; =a",
  ],
  ["reads in any case by a refresh", "get; 1:!; =!; refresh; 2:a; =a; get; =a"],
])("where it rejects when it is empty, a caller without a value %s", (_name, steps) =>
  play(steps, { rejectsWhenEmpty: true }),
);
