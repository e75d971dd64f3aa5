import { afterEach, beforeEach, expect, test } from "vitest";
import { runChecks } from "../../smoke/run.ts";
import { type Stack, startStack } from "./support/stack.ts";

// Stacks of their own: regeneration ends every session, and one PocketPaw is stopped.
let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack?.stop());

/** The rows that do not hold, and those that are not applicable. */
async function exceptions(regenerate: boolean) {
  const rows: Record<string, string[]> = { "does not hold": [], "not applicable": [] };
  await runChecks({
    url: new URL(stack.url),
    masterToken: stack.masterToken,
    regenerate,
    now: Date.now,
    onRow: ({ name }, { verdict }) => void rows[verdict]?.push(name),
  });
  return rows;
}

test("the laptop's gateway with a real PocketPaw passes every row of the smoke test", async () => {
  expect(await exceptions(true)).toEqual({ "does not hold": [], "not applicable": [] });
});

test("while PocketPaw is down, the rows that need it do not hold", async () => {
  await stack.stopPocketPaw();
  expect(await exceptions(false)).toEqual({
    "does not hold": ["own-origin", "page", "pocketpaw", "policy", "websocket"],
    "not applicable": ["regeneration"],
  });
});
