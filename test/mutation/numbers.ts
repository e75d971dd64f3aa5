/**
 * Changes each number in lib/, handlers/ and deploy/ in turn, and prints those that no test notices: Stryker changes
 * no numbers. Ends with 1 where there is one. It takes hours; a few files take minutes.
 *
 *     npm run mutation:numbers -- lib/tokens deploy/monitoring.js
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCheckout, ROOT } from "../support/checkout.ts";

/** A whole literal: not a part of a name, a version, a date or a longer text. */
const NUMBER = /(?<![\w.$#/:-])\d[\d_]*(?:\.\d+)?(?![\w./:-])/g;
const COMMENT = /^\s*(?:\/\/|\/?\*)/;

const chosen = process.argv.slice(2);
const files = ["lib", "handlers", "deploy"]
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map(
      (name) => `${folder}/${name}`,
    ),
  )
  .filter((path) => /\.(ts|js)$/.test(path))
  .filter((path) => chosen.length === 0 || chosen.some((prefix) => path.startsWith(prefix)));

const { directory, remove } = makeCheckout();
process.on("exit", remove).on("SIGINT", () => process.exit(130));

/** Whether a test fails. Tests of deploy/ read templates that another process has rendered. */
function isNoticed(file: string): boolean {
  const tests = file.startsWith("deploy/")
    ? ["run", "test/package/", "test/deploy/"]
    : ["related", file, "--run"];
  const args = ["vitest", ...tests, "--project", "unit", "--bail", "1", "--testTimeout", "20000"];
  // Without the tests that take long and see no more.
  const env = file.startsWith("deploy/")
    ? process.env
    : { ...process.env, MUTATION_TESTS: "test/unit/**/* test/contract/!(faults|log-secrecy)" };
  return spawnSync("npx", args, { cwd: directory, env, stdio: "ignore" }).status !== 0;
}

for (const file of files) {
  const lines = readFileSync(join(ROOT, file), "utf8").split("\n");
  if (!lines.some((line) => !COMMENT.test(line) && line.search(NUMBER) >= 0)) continue;
  if (isNoticed(file)) throw new Error(`The tests of ${file} fail without a change`);
  for (const [index, line] of lines.entries()) {
    if (COMMENT.test(line)) continue;
    for (const { 0: found, index: start } of line.matchAll(NUMBER)) {
      const other = String(Number(found.replaceAll("_", "")) * 2 + 1);
      const changed = line.slice(0, start) + other + line.slice(start + found.length);
      writeFileSync(join(directory, file), lines.with(index, changed).join("\n"));
      if (isNoticed(file)) continue;
      console.log(`${file}:${index + 1}: no test notices ${other} for ${found}: ${line.trim()}`);
      process.exitCode = 1;
    }
  }
  writeFileSync(join(directory, file), lines.join("\n"));
}
