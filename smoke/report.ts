import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "./check.ts";

const VERDICT_WIDTH = 16;
const NAME_WIDTH = 19;
const INDENT = " ".repeat(VERDICT_WIDTH + NAME_WIDTH);

/** The page's table of rows has their words, so that page and report say the same. */
const PAGE = readFileSync(join(import.meta.dirname, "..", "docs", "smoke.md"), "utf8");

/** One row of the report, in several lines where something does not hold. */
export function row(name: string, { verdict, details }: Finding): string {
  const cells = PAGE.split("\n")
    .find((line) => line.startsWith(`| \`${name}\` |`))
    ?.split(" | ");
  const [, claim = "", advice = ""] = cells?.map((cell) => cell.replaceAll("`", "")) ?? [];
  const isBad = verdict === "does not hold";
  const shown = isBad ? "DOES NOT HOLD" : verdict;
  const head = shown.padEnd(VERDICT_WIDTH) + name.padEnd(NAME_WIDTH) + claim;
  if (!isBad) return [head, ...details].join(": ");
  const found = details.map((detail) => `found: ${detail}`);
  return [head, ...found, `what to do: ${advice}`].join(`\n${INDENT}`);
}

/** The last line of the report. */
export function total(findings: readonly Finding[]): string {
  const count = (verdict: Finding["verdict"]) =>
    findings.filter((finding) => finding.verdict === verdict).length;
  return `${count("holds")} hold, ${count("does not hold")} do not hold, ${count("not applicable")} are not applicable.`;
}
