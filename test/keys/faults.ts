/**
 * Prints the table of faults: for each way in which Secrets Manager fails, and each state of a
 * container's cache, how the functions respond, what they log, and the longest that it took. Ends
 * with 1 when an outcome is not the contract's.
 *
 *     npm run faults
 */
import { CACHES, contractOf, FAULT_CASES, type Row, strike } from "../support/fault-table.ts";

const COLUMNS = ["fault", "cache", "exchange", "HTTP API", "REST API", "logged", "longest"];

/** The outcome of the good request and of the bad one. */
function outcomesOf(rows: readonly Row[], functionName: string): string {
  const outcomes = rows
    .filter(({ request }) => request.function === functionName)
    .map(({ outcome }) => outcome.replace("isAuthorized: ", ""));
  return [...new Set(outcomes)].join(" / ");
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
      outcomesOf(rows, "session"),
      outcomesOf(rows, "authorizer 2.0"),
      outcomesOf(rows, "authorizer REST"),
      loggedOf(rows),
      `${longest.toFixed(0)} ms`,
    ]);
    for (const { request, outcome } of rows) {
      const right = contractOf(fault, cache, request);
      if (outcome !== right) {
        broken.push(`${fault.name}, ${cache}: ${request.asked}: ${outcome}, not ${right}`);
      }
    }
  }
}

console.log("Outcomes: of a request that is allowed without the fault / of one that is refused.\n");
console.log(`| ${COLUMNS.join(" | ")} |`);
console.log(`|${COLUMNS.map(() => "---").join("|")}|`);
for (const line of table) console.log(`| ${line.join(" | ")} |`);
for (const line of broken) console.error(line);
process.exitCode = broken.length > 0 ? 1 : 0;
