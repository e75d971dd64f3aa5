import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";
import { startEmulator } from "./support/emulator.ts";
import { baseEnvironment, run } from "./support/processes.ts";
import { findPython, installTools } from "./support/tools.ts";

/*
 * What these tests show on the embedded Secrets Manager, on that of MiniStack. An emulator of its own, since
 * each of those tests is an account of its own, and no account has a role here.
 */

const directory = mkdtempSync(join(tmpdir(), "pocketpaw-keys-"));
let emulator: Awaited<ReturnType<typeof startEmulator>>;

beforeAll(async () => {
  emulator = await startEmulator(await installTools(findPython()), directory, false);
});
afterAll(async () => {
  await emulator?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs one of the project's own programs with Node, and prints what it has printed. */
async function runNode(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const output = await run({
    command: process.execPath,
    args,
    env: { ...baseEnvironment([]), ...env },
    directory: ROOT,
  });
  console.log(output);
  return output;
}

test("the life of the keys is the same on MiniStack's Secrets Manager", async () => {
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "test/keys", "test/contract/regenerate"];
  const output = await runNode(vitest, { TEST_SECRETS_MANAGER_URL: emulator.url, NO_COLOR: "1" });
  expect(output).toMatch(/Tests\s+[0-9]{3} passed/);
}, 300_000);

test("two rotations under load, on MiniStack's Secrets Manager, refuse no valid token", async () => {
  await runNode([
    "node_modules/tsx/dist/cli.mjs",
    "test/keys/rotation-under-load.ts",
    emulator.url,
  ]);
}, 120_000);
