/**
 * Changes each expression and statement of lib/ and handlers/ in turn, prints the changes that no
 * test notices, and the share that tests notice, by folder. Ends with 1 where that is less than 92%.
 *
 *     npm run mutation
 *     npm run mutation -- secrets tokens     two folders
 */
import { Stryker } from "@stryker-mutator/core";

/** The least share of changes that tests must notice, percent. */
const LEAST = 92;

/**
 * What is changed, and the tests that must notice, as globs: those of the same folder in test/unit, and
 * tests of the contract that run it. Each change runs only these: all tests would take hours.
 */
const FOLDERS: Readonly<Record<string, readonly [changed: string, contract: string]>> = {
  handlers: ["handlers/*.ts", "handlers"],
  functions: [
    "lib/functions/*.ts",
    "{authorizer,authorizer-log,csrf,login,logout,pairing,qr,regenerate,regenerate-failing,session,session-status,handlers}",
  ],
  pocketpaw: ["lib/pocketpaw/*.ts", "{regenerate,regenerate-failing,login,authorizer}"],
  auth: ["lib/auth/*.ts", "{authorizer,pairing,session-status}"],
  secrets: ["lib/secrets/*.ts", "secrets-manager"],
  tokens: ["lib/tokens/*.ts", "forged-credentials"],
  http: ["lib/http/*.ts", "{login,logout,session,qr}"],
  config: ["lib/config/*.ts", "handlers"],
  lib: ["lib/*.ts", "{authorizer-log,regenerate-failing,secrets-manager}"],
};

interface Score {
  readonly noticed: number;
  readonly all: number;
}

async function score(folder: string, changed: string, contract: string): Promise<Score> {
  const unit =
    folder === "lib"
      ? "test/unit/{*,secrets/{reading,open-keyring,rotation-steps}}"
      : `test/unit/${folder}/*`;
  // vitest.config.ts reads it, in Stryker's own processes.
  process.env.MUTATION_TESTS = `${unit}.test.ts test/contract/${contract}.test.ts`;
  const stryker = new Stryker({
    testRunner: "vitest",
    vitest: { configFile: "vitest.config.ts", related: false },
    mutate: [changed],
    concurrency: 2,
    // TypeScript 7 has no JavaScript API: types are removed by esbuild, as in any run of the tests.
    disableTypeChecks: false,
    tsconfigFile: "none",
    ignorePatterns: [
      "/*",
      "!/lib",
      "!/handlers",
      "!/local",
      "!/deploy",
      "!/test",
      "!/package.json",
      "!/vitest.config.ts",
    ],
    tempDirName: ".local/mutation",
    reporters: ["clear-text"],
    clearTextReporter: { reportTests: false, reportScoreTable: false, allowColor: false },
    thresholds: { high: LEAST, low: LEAST, break: null },
  });
  const results = await stryker.runMutationTest();
  const counted = results.filter(({ status }) => status !== "Ignored" && status !== "CompileError");
  const noticed = counted.filter(({ status }) => status === "Killed" || status === "Timeout");
  return { noticed: noticed.length, all: counted.length };
}

const line = (name: string, { noticed, all }: Score) =>
  `${name.padEnd(10)} ${((100 * noticed) / all).toFixed(2).padStart(6)}% of ${all}`;

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in FOLDERS));
if (unknown !== undefined) {
  throw new Error(`"${unknown}" is no folder; allowed: ${Object.keys(FOLDERS).join(", ")}`);
}
const scores: [string, Score][] = [];
for (const [folder, [changed, contract]] of Object.entries(FOLDERS)) {
  if (names.length > 0 && !names.includes(folder)) continue;
  scores.push([folder, await score(folder, changed, contract)]);
}
const total = scores.reduce<Score>(
  (sum, [, { noticed, all }]) => ({ noticed: sum.noticed + noticed, all: sum.all + all }),
  { noticed: 0, all: 0 },
);
for (const [folder, found] of [...scores, ["total", total] as const])
  console.log(line(folder, found));
process.exitCode = (100 * total.noticed) / total.all < LEAST ? 1 : 0;
