import { expect, test } from "vitest";
import { limitWorkers } from "../../local/functions.ts";

test("at most four invocations of a function run at once, the others wait, and a failure frees its place", async () => {
  let [running, most] = [0, 0];
  const invoke = limitWorkers(async (_, event) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    if (event === 3) throw new Error("no luck");
    return event;
  });
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => invoke("one", n)));
  expect(results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []))).toEqual(
    Array.from({ length: 20 }, (_, n) => n).filter((n) => n !== 3),
  );
  expect([most, running]).toEqual([4, 0]);
});
