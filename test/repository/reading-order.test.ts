import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";

const LIB = join(ROOT, "lib");

/** The files of lib/ that docs/architecture.md names, in its order. */
function readingOrder(): string[] {
  const page = readFileSync(join(ROOT, "docs", "architecture.md"), "utf8");
  const [, section = ""] = page.split("## The order in which to read the code");
  const [list = ""] = section.split("\n## ");
  return list
    .replace(/\n {2,}/g, " ")
    .split("\n")
    .filter((line) => /^\d+\. /.test(line))
    .flatMap((line) => {
      const files = [...line.matchAll(/\(\.\.\/lib\/([\w/-]+)\.ts\)/g)].map(([, file]) => file);
      const [, folder, names = ""] = /\(\.\.\/lib\/(\w+)\): (.*)$/.exec(line) ?? [];
      const inFolder = folder === undefined ? [] : names.match(/[\w-]+(?=[,;]|$)/g);
      return [...files, ...(inFolder ?? []).map((name) => `${folder}/${name}`)];
    })
    .map((file) => `${file}.ts`);
}

const order = readingOrder();

test("docs/architecture.md names every file of lib/ once", () => {
  const files = readdirSync(LIB, { recursive: true, encoding: "utf8" });
  expect([...order].sort()).toEqual(files.filter((file) => /(?<!\.d)\.ts$/.test(file)).sort());
});

test.each(order)("lib/%s imports only files that are read before it", (file) => {
  const path = join(LIB, file);
  const imports = [...readFileSync(path, "utf8").matchAll(/ from "(\.[^"]+)"/g)].map(
    ([, target = ""]) => relative(LIB, resolve(dirname(path), target)),
  );
  const later = order.slice(order.indexOf(file));
  expect(imports.filter((target) => later.includes(target))).toEqual([]);
});
