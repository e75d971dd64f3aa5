import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";

test("docs/architecture.md's assumptions about AWS rest on rows of the smoke test that exist", () => {
  const read = (page: string) => readFileSync(join(ROOT, "docs", page), "utf8");
  const [, section = ""] = read("architecture.md").split("\n## Assumptions about AWS\n");
  const cells = section.split("\n## ")[0]?.match(/\| `[^|]*(?= \|$)/gm) ?? [];
  const named = cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !read("smoke.md").includes(`\n| \`${name}\` |`))).toEqual([]);
});
