import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/checkout.ts";

/**
 * The fenced blocks of a page, in order.
 *
 * @param heading with it, the blocks of its section alone
 */
export function blocksOf(page: string, language: string, heading = ""): string[] {
  const [, ...rest] = `\n${readFileSync(join(ROOT, page), "utf8")}`.split(`\n${heading}\n`);
  if (rest.length === 0) throw new Error(`${page} has no heading ${heading}`);
  const text = rest.join("\n");
  const end = heading === "" ? text.length : text.search(/\n##/);
  const found = text.slice(0, end).matchAll(/^( *)```(\w+)\n(.*?)^ *```$/gms);
  return [...found].flatMap(([, indent = "", name, body = ""]) =>
    name === language ? [body.replaceAll(new RegExp(`^${indent}`, "gm"), "")] : [],
  );
}
