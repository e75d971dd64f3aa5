/**
 * Prints the table of faults: for each way in which Secrets Manager fails, and each state of a
 * container's cache, what the functions answer, what they log, and the longest that it took. Ends
 * with 1 when an answer is not the contract's.
 *
 *     npm run faults
 */
import { CACHES, contractOf, FAULT_CASES, type Row, strike } from "../support/fault-table.ts";

const COLUMNS = ["fault", "cache", "exchange", "HTTP API", "REST API", "logged", "longest"];

/** The answer to the good request and to the bad one. */
function answersOf(rows: readonly Row[], functionName: string): string {
  const answers = rows
    .filter(({ request }) => request.function === functionName)
    .map(({ answered }) => answered.replace("isAuthorized: ", ""));
  return [...new Set(answers)].join(" / ");
}

/** What the reads that failed are logged as. */
function loggedOf(rows: readonly Row[]): string {
  const reads = rows.flatMap(({ logged }) => logged).filter(({ event }) => event === "secret_read");
  const lines = reads.map(({ level, reason, error }) => `${level} ${reason}: ${error}`);
  return [...new Set(lines)].join("; ");
}

const table: string[][] = [];
const broken: string[] = [];
for (const fault of FAULT_CASES) {
  for (const cache of CACHES) {
    const rows = await strike(fault, cache);
    const longest = Math.max(...rows.map(({ milliseconds }) => milliseconds));
    table.push([
      fault.name,
      cache,
      answersOf(rows, "session"),
      answersOf(rows, "authorizer 2.0"),
      answersOf(rows, "authorizer REST"),
      loggedOf(rows),
      `${longest.toFixed(0)} ms`,
    ]);
    for (const { request, answered } of rows) {
      const right = contractOf(fault, cache, request);
      if (answered !== right) {
        broken.push(`${fault.name}, ${cache}: ${request.asked}: ${answered}, not ${right}`);
      }
    }
  }
}

console.log("Answers: to a request that is let in / to one that is not.\n");
console.log(`| ${COLUMNS.join(" | ")} |`);
console.log(`|${COLUMNS.map(() => "---").join("|")}|`);
for (const line of table) console.log(`| ${line.join(" | ")} |`);
for (const line of broken) console.error(line);
process.exitCode = broken.length > 0 ? 1 : 0;
