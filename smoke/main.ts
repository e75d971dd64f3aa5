import { checkToken, readArguments, TOKEN_VARIABLE } from "./arguments.ts";
import { NoResponse, OperatorError } from "./failures.ts";
import { askForToken } from "./prompt.ts";
import { row, total } from "./report.ts";
import { runChecks } from "./run.ts";

// `npm run smoke -- <URL>`: checks a running gateway from outside (docs/smoke.md).

const HOLDS = 0;
const DOES_NOT_HOLD = 1;
const NOT_RUN = 2;

async function main(): Promise<number> {
  const { url, regenerate } = readArguments(process.argv.slice(2));
  const masterToken = checkToken(await readToken());
  if (regenerate) {
    console.log("--regenerate: this run replaces the master token and ends every session.\n");
  }
  try {
    const findings = await runChecks({
      url,
      masterToken,
      regenerate,
      now: Date.now,
      onRow: (check, finding) => console.log(row(check, finding)),
    });
    console.log(`\n${total(findings)}`);
    const fails = findings.some(({ verdict }) => verdict === "does not hold");
    return fails ? DOES_NOT_HOLD : HOLDS;
  } catch (error) {
    if (!(error instanceof NoResponse)) throw error;
    throw new OperatorError(`${url.origin} cannot be reached: ${error.message}.`);
  }
}

async function readToken(): Promise<string> {
  const given = process.env[TOKEN_VARIABLE];
  if (given !== undefined) return given.trim();
  if (!process.stdin.isTTY) {
    throw new OperatorError(`${TOKEN_VARIABLE} is not set, and there is no terminal to ask at.`);
  }
  return (await askForToken(process.stdin, process.stderr)).trim();
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  console.error(error.message);
  process.exitCode = NOT_RUN;
}
