import type { Check, Finding } from "./check.ts";

const VERDICT_WIDTH = 16;
const NAME_WIDTH = 19;
const INDENT = " ".repeat(VERDICT_WIDTH + NAME_WIDTH);

/** One row of the table, in several lines where something does not hold. */
export function row({ name, claim, advice }: Check, finding: Finding): string {
  const head = (verdict: string, text: string) =>
    verdict.padEnd(VERDICT_WIDTH) + name.padEnd(NAME_WIDTH) + text;
  switch (finding.verdict) {
    case "holds":
      return head("holds", finding.detail === "" ? claim : `${claim}: ${finding.detail}`);
    case "not applicable":
      return head("not applicable", `${claim}: ${finding.why}`);
    case "does not hold":
      return [
        head("DOES NOT HOLD", claim),
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
