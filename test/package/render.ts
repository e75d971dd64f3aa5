import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Template } from "./variants.ts";

const LINE = 110;

/** Where the reviewed template of a variant is. */
export function fileOf(variant: string): string {
  return join(import.meta.dirname, "templates", `${variant.replace(" ", "-")}.yml`);
}

/** The reviewed template of a variant. */
export function reviewed(variant: string): Template {
  return parse(readFileSync(fileOf(variant), "utf8"));
}

/**
 * A template as YAML for people to review: what fits into a line is on one, equal values of many keys are shown once,
 * and of the functions' code, which has tests of its own, no more than CloudFront Functions' first line is left.
 */
export function render({ Resources, Outputs }: Template): string {
  const kept = Object.entries(Resources).map(([id, { Properties, ...others }]) => {
    const { Code: _, FunctionCode, ...properties } = Properties ?? {};
    const [FirstLine] = String(FunctionCode ?? "").split("\n");
    const code = FirstLine === "" ? {} : { FunctionCode: FirstLine };
    return [id, { ...others, Properties: { ...properties, ...code } }];
  });
  return `${lines({ Resources: Object.fromEntries(kept), Outputs }, "").trim()}\n`;
}

function lines(value: unknown, indent: string): string {
  const flat = JSON.stringify(value);
  if (typeof value !== "object" || value === null || indent.length + flat.length <= LINE) {
    return ` ${flat}`;
  }
  if (Array.isArray(value)) {
    return value
      .map((each) => `\n${indent}-${lines(each, `${indent}  `).replace(/^\n\s+/, " ")}`)
      .join("");
  }
  const entries = Object.entries(value);
  const [[, first] = []] = entries;
  const areEqual = entries.every(([, each]) => JSON.stringify(each) === JSON.stringify(first));
  const shown =
    entries.length > 9 && areEqual ? [[entries.map(([key]) => key).join(" "), first]] : entries;
  return shown
    .map(([key, each]) => `\n${indent}${nameOf(String(key))}:${lines(each, `${indent}  `)}`)
    .join("");
}

function nameOf(key: string): string {
  return /^[A-Za-z][\w:.-]*$/.test(key) ? key : JSON.stringify(key);
}
