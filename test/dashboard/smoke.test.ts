import { afterEach, beforeEach, expect, test } from "vitest";
import { runChecks } from "../../smoke/run.ts";
import { type Stack, startStack } from "./support/stack.ts";

// Stacks of their own: regeneration ends every session, and one PocketPaw is stopped.
let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack?.stop());

/** The rows that do not hold, or are not applicable. */
async function exceptions(regenerate: boolean): Promise<string[]> {
  const { url, masterToken } = stack;
  const found = Object.entries(await runChecks({ url: new URL(url), masterToken, regenerate }));
  return found.flatMap(([name, { verdict }]) => (verdict === "holds" ? [] : `${name}: ${verdict}`));
}

test("npm start with a real PocketPaw passes every row; PocketPaw's default file jail is noticed", async () => {
  expect(await exceptions(true)).toEqual(["file-jail: does not hold"]);
});

test("while PocketPaw is down, the rows that need it do not hold", async () => {
  await stack.stopPocketPaw();
  expect(await exceptions(false)).toEqual([
    ...["own-origin", "page", "pocketpaw", "policy", "path-arrives", "query-arrives"].map(
      (name) => `${name}: does not hold`,
    ),
    ...["file-jail: does not hold", "stream: does not hold", "websocket: does not hold"],
    "regeneration: not applicable",
  ]);
});
