import { readFileSync } from "node:fs";
import { join } from "node:path";

const RESULTS = join(import.meta.dirname, "..", "RESULTS.md");

/**
 * The median that bench/RESULTS.md has in a row of a section.
 *
 * @returns in the section's unit
 * @throws Error when there is no such row
 */
export function medianOf(section: string, row: string): number {
  const parts = readFileSync(RESULTS, "utf8").split("\n## ");
  const text = parts.find((part) => part.startsWith(`${section}\n`)) ?? "";
  const cells = text.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const median = Number(cells.find(([, name]) => name === row)?.[2]);
  if (!(median > 0)) throw new Error(`bench/RESULTS.md has no row "${row}" in "${section}"`);
  return median;
}
