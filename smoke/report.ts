import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "./check.ts";

const VERDICT_WIDTH = 16;
const NAME_WIDTH = 19;
const INDENT = " ".repeat(VERDICT_WIDTH + NAME_WIDTH);

/** The page's table of rows has their words, so that page and report say the same. */
const PAGE = readFileSync(join(import.meta.dirname, "..", "docs", "smoke.md"), "utf8");

/** One row of the report, in several lines where something does not hold. */
export function row(name: string, finding: Finding): string {
  const cells = PAGE.split("\n")
    .find((line) => line.startsWith(`| \`${name}\` |`))
    ?.split(" | ");
  const [, claim = "", advice = ""] = cells?.map((cell) => cell.replaceAll("`", "")) ?? [];
  const head = (verdict: string, more = "") =>
    verdict.padEnd(VERDICT_WIDTH) + name.padEnd(NAME_WIDTH) + claim + (more && `: ${more}`);
  switch (finding.verdict) {
    case "holds":
      return head("holds", finding.detail);
    case "not applicable":
      return head("not applicable", finding.why);
    case "does not hold":
      return [
        head("DOES NOT HOLD"),
        ...finding.found.map((found) => `${INDENT}found: ${found}`),
        `${INDENT}what to do: ${advice}`,
      ].join("\n");
  }
}

/** The last line of the report. */
export function total(findings: readonly Finding[]): string {
  const count = (verdict: Finding["verdict"]) =>
    findings.filter((finding) => finding.verdict === verdict).length;
  return `${count("holds")} hold, ${count("does not hold")} do not hold, ${count("not applicable")} are not applicable.`;
}
