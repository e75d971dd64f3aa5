import type { Gateway } from "./gateway.ts";

/** What a check found. No text repeats anything that a server sent, statuses apart. */
export type Finding =
  | { readonly verdict: "holds"; readonly detail: string }
  | { readonly verdict: "does not hold"; readonly found: readonly string[] }
  | { readonly verdict: "not applicable"; readonly why: string };

export interface Check {
  /** Names the row: docs/smoke.md refers to it. */
  readonly name: string;
  /** What holds. */
  readonly claim: string;
  /** What to do when it does not. */
  readonly advice: string;
  /** @throws NoResponse, which counts as not holding */
  readonly run: (gateway: Gateway) => Promise<Finding>;
}

/** A problem, or nothing. */
export type Problem = string | false | undefined;

/** Holds when there is no problem. */
export function judge(problems: readonly Problem[], detail = ""): Finding {
  const found = problems.filter((problem) => typeof problem === "string");
  return found.length === 0
    ? { verdict: "holds", detail }
    : { verdict: "does not hold", found: [...new Set(found)] };
}

export const NO_POCKETPAW: Finding = {
  verdict: "not applicable",
  why: "no PocketPaw is behind this gateway (parameter originUrl)",
};
