import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTokenBucket } from "../../../lib/secrets/token-bucket.ts";
import { createClock } from "../../support/clock.ts";

const COOLDOWN_SECONDS = 5;

function open() {
  const clock = createClock();
  const bucket = createTokenBucket(clock.now, COOLDOWN_SECONDS * 1000);
  /** How many refreshes are to be had now. */
  const takeAll = (): number => {
    let taken = 0;
    while (bucket.take()) taken += 1;
    return taken;
  };
  return { clock, bucket, takeAll };
}

describe("bad tokens", () => {
  test("cause two refreshes at once, and then none", () => {
    expect(open().takeAll()).toBe(2);
  });

  test("regain one after a cooldown, not a moment before", () => {
    const { clock, takeAll } = open();
    takeAll();
    clock.advance(COOLDOWN_SECONDS - 0.001);
    expect(takeAll()).toBe(0);
    clock.advance(0.001);
    expect(takeAll()).toBe(1);
  });

  test("regain two after two cooldowns, and never more", () => {
    const { clock, takeAll } = open();
    takeAll();
    clock.advance(2 * COOLDOWN_SECONDS);
    expect(takeAll()).toBe(2);
    clock.advance(3600);
    expect(takeAll()).toBe(2);
  });

  test("that come one a second cause one refresh a cooldown after the first two", () => {
    const { clock, bucket } = open();
    let taken = 0;
    for (let second = 0; second < 3600; second++) {
      if (bucket.take()) taken += 1;
      clock.advance(1);
    }
    expect(taken).toBe(1 + 3600 / COOLDOWN_SECONDS);
  });
});

describe("a refresh that is given back", () => {
  test("can be taken again at once", () => {
    const { bucket, takeAll } = open();
    takeAll();
    bucket.giveBack();
    expect(takeAll()).toBe(1);
  });

  test("makes no more than two", () => {
    const { bucket, takeAll } = open();
    bucket.take();
    for (let time = 0; time < 10; time++) bucket.giveBack();
    expect(takeAll()).toBe(2);
  });
});

describe("while a read has just failed", () => {
  test("there is no refresh for a cooldown, and then there are all that were left", () => {
    const { clock, bucket, takeAll } = open();
    bucket.suspend();
    clock.advance(COOLDOWN_SECONDS - 0.001);
    expect(takeAll()).toBe(0);
    clock.advance(0.001);
    expect(takeAll()).toBe(2);
  });
});

test("whatever comes, in any window of n cooldowns at most n + 2 refreshes are taken and kept", () => {
  const steps = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: 20_000 }),
      action: fc.constantFrom("take", "take", "suspend"),
    }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(steps, (actions) => {
      const { clock, bucket } = open();
      const takenAt: number[] = [];
      for (const { wait, action } of actions) {
        clock.advance(wait / 1000);
        if (action === "suspend") bucket.suspend();
        else if (bucket.take()) takenAt.push(clock.now());
      }
      for (const [first, from] of takenAt.entries()) {
        for (const [index, to] of takenAt.entries()) {
          const cooldowns = Math.floor((to - from) / (COOLDOWN_SECONDS * 1000));
          if (index >= first) expect(index - first + 1).toBeLessThanOrEqual(cooldowns + 2);
        }
      }
    }),
  );
});
