/**
 * Changes each expression and statement of lib/ and handlers/ in turn (Stryker), and prints the changes that no test
 * notices. Ends with 1 where that is more than 5% of a part. Each part has the tests that are about it: all tests
 * would take hours, and what a few of them notice, all of them notice.
 *
 *     npm run mutation -- http tokens
 */
import { spawnSync } from "node:child_process";
import { ROOT } from "../support/checkout.ts";

/** What is changed, then files of test/unit/, then of test/contract/. */
const PARTS: Readonly<Record<string, readonly [mutate: string, unit: string, contract: string]>> = {
  leaves: ["lib/*.ts", "{*,secrets/keyring*}", "failing"],
  http: ["lib/http/*.ts", "{http/*,auth/*,secrets/reading}", "{login,logout,session}"],
  tokens: ["lib/tokens/*.ts", "tokens/*", "session"],
  secrets: ["lib/secrets/*.ts", "secrets/*", "{failing,handlers}"],
  auth: ["lib/auth/*.ts", "auth/*", "{session-status,qr,verify,regenerate}"],
  pocketpaw: ["lib/pocketpaw/*.ts", "pocketpaw/*", "{regenerate*,verify}"],
  functions: [
    "lib/functions/*.ts,handlers/*.ts",
    "{functions/*,secrets/rotation}",
    "!(faults|log-secrecy|caching)",
  ],
};

const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : Object.keys(PARTS)) {
  const part = PARTS[name];
  if (part === undefined) {
    throw new Error(`${name} is no part; the parts are ${Object.keys(PARTS).join(", ")}`);
  }
  const [mutate, unit, contract] = part;
  console.log(`\n${name}: ${mutate}`);
  const { status } = spawnSync(
    "test/mutation/node_modules/.bin/stryker",
    ["run", "test/mutation/stryker.json", "--mutate", mutate],
    {
      cwd: ROOT,
      stdio: "inherit",
      env: { ...process.env, MUTATION_TESTS: `test/unit/${unit} test/contract/${contract}` },
    },
  );
  if (status !== 0) process.exitCode = 1;
}
