import { median, quantile, ratio, type Samples } from "./statistics.ts";

/** One line of the table that says what was to be reached. */
export interface Target {
  measure: string;
  /** Such as "at most 1.25 × the floor". */
  toReach: string;
  /** Such as "1.16". */
  measured: string;
  reached: boolean;
}

/** What one measure found. */
export interface Section {
  title: string;
  /** What the figures mean for a user, in a sentence. */
  meaning?: string;
  /** How it was measured, in a sentence or two. */
  method: string;
  /** The first row holds the headings. */
  table: string[][];
  targets: Target[];
}

/** A table of samples: median, spread (the middle half), and how many times the base's that is. */
export function sampleTable(
  unit: string,
  samples: Readonly<Record<string, Samples>>,
  bases: readonly string[],
  digits = 0,
): string[][] {
  const heading = ["", `median, ${unit}`, `middle half, ${unit}`, ...bases.map((b) => `× ${b}`)];
  const rows = Object.entries(samples).map(([name, values]) => [
    name,
    median(values).toFixed(digits),
    `${quantile(values, 0.25).toFixed(digits)} – ${quantile(values, 0.75).toFixed(digits)}`,
    ...bases.map((base) => ratio(values, samples[base] ?? []).toFixed(2)),
  ]);
  return [heading, ...rows];
}

/** A target that a ratio must not exceed. */
export function atMost(measure: string, limit: number, of: string, measured: number): Target {
  return {
    measure,
    toReach: `at most ${limit} × ${of}`,
    measured: measured.toFixed(3),
    reached: measured <= limit,
  };
}

/** A section in Markdown. */
export function renderSection({ title, method, table }: Section): string {
  return `## ${title}\n\n${method}\n${table.length > 0 ? `\n${renderTable(table)}\n` : ""}`;
}

/** What the figures mean, in Markdown. */
export function renderMeanings(sections: readonly Section[]): string {
  return sections
    .flatMap(({ meaning }) => (meaning === undefined ? [] : [`- ${meaning}`]))
    .join("\n");
}

/** All sections' targets in Markdown. */
export function renderTargets(sections: readonly Section[]): string {
  const rows = sections.flatMap(({ targets }) => targets);
  const table = rows.map(({ measure, toReach, measured, reached }) => [
    measure,
    toReach,
    measured,
    reached ? "reached" : "**not reached**",
  ]);
  return `## Targets\n\n${renderTable([["measure", "to reach", "measured", ""], ...table])}\n`;
}

/** Rows in Markdown; the first one holds the headings. Names to the left, figures to the right. */
function renderTable([heading = [], ...rows]: readonly string[][]): string {
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  const rule = heading.map((_, column) => (column === 0 ? "---" : "---:"));
  return [heading, rule, ...rows].map(line).join("\n");
}
