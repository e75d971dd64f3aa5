import { readArguments, USAGE } from "./arguments.ts";
import { NoResponse, OperatorError } from "./failures.ts";
import { row, total } from "./report.ts";
import { runChecks } from "./run.ts";
import { readToken } from "./token.ts";

// `npm run smoke -- <URL>`: checks a running gateway from outside (docs/smoke.md). The exit codes are in USAGE.

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2));
  if (given === "help") {
    console.log(USAGE);
    return 0;
  }
  const masterToken = await readToken();
  if (given.regenerate) {
    console.log("--regenerate: this run replaces the master token and ends every session.\n");
  }
  const onRow = (...found: Parameters<typeof row>) => console.log(row(...found));
  const found = await runChecks({ ...given, masterToken, onRow }).catch((error: unknown) => {
    if (!(error instanceof NoResponse)) throw error;
    throw new OperatorError(`${given.url.origin} cannot be reached: ${error.message}.`);
  });
  const findings = Object.values(found);
  console.log(`\n${total(findings)}`);
  return findings.some(({ verdict }) => verdict === "does not hold") ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
