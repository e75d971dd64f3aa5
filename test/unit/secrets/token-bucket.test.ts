import fc from "fast-check";
import { expect, test } from "vitest";
import { createTokenBucket } from "../../../lib/secrets/token-bucket.ts";
import { createClock } from "../../support/clock.ts";

const COOLDOWN_SECONDS = 5;

function open() {
  const clock = createClock();
  return { clock, bucket: createTokenBucket(clock.now, COOLDOWN_SECONDS * 1000) };
}

/** +5: seconds that pass; a number: how many refreshes are to be had now, all of which are taken. */
test.each([
  ["cause two refreshes at once, and then none", "2 0"],
  ["regain one after a cooldown, not a moment before", "2 +4.999 0 +0.001 1"],
  ["regain two after two cooldowns, and never more", "2 +10 2 +3600 2"],
  ["can take at once what was given back", "2 giveBack 1"],
  ["have no more than two, however often one is given back", "take giveBack giveBack giveBack 2"],
  [
    "cause none for a cooldown after a failed read, then all that were left",
    "suspend +4.999 0 +0.001 2",
  ],
])("bad tokens %s", (_what, steps) => {
  const { clock, bucket } = open();
  for (const step of steps.split(" ")) {
    if (step === "take" || step === "giveBack" || step === "suspend") bucket[step]();
    else if (step.startsWith("+")) clock.advance(Number(step));
    else {
      let taken = 0;
      while (bucket.take()) taken += 1;
      expect(taken, step).toBe(Number(step));
    }
  }
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
