import { expect, test } from "vitest";
import { createInvoke } from "../../local/functions.ts";

test("at most four invocations of a function run at once, the others wait, and a failure frees its place", async () => {
  let [running, most] = [0, 0];
  const pool = {
    create: () => undefined,
    get: () => {
      let given: unknown;
      return {
        setEvent: (event: unknown) => {
          given = event;
        },
        runHandler: async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise(setImmediate);
          running -= 1;
          if (given === 3) throw new Error("no luck");
          return given;
        },
      };
    },
  };
  const invoke = createInvoke(pool, { one: {} });
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => invoke("one", n)));
  expect(results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []))).toEqual(
    Array.from({ length: 20 }, (_, n) => n).filter((n) => n !== 3),
  );
  expect([most, running]).toEqual([4, 0]);
  await expect(invoke("two", 0)).rejects.toThrow("The service has no function two.");
});
