import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { isSource, ROOT } from "../support/checkout.ts";

/** What each part may import beside itself, in the order of the layers. Packages are not looked at. */
const LEAVES = ["lib/errors.ts", "lib/log.ts", "lib/config.ts", "lib/http"];
const TOKENS = ["lib/tokens", "lib/errors.ts"];
const SECRETS = ["lib/secrets", ...LEAVES, ...TOKENS];
const AUTH = ["lib/auth", ...SECRETS];
const POCKETPAW = ["lib/pocketpaw", ...AUTH];
const FUNCTIONS = ["lib/functions", ...POCKETPAW];
const PRODUCT = ["handlers", ...FUNCTIONS];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "lib/errors.ts": [],
  "lib/log.ts": ["lib/errors.ts"],
  "lib/config.ts": ["lib/errors.ts"],
  "lib/http": ["lib/errors.ts", "lib/log.ts"],
  "lib/tokens": TOKENS,
  "lib/secrets": SECRETS,
  "lib/auth": AUTH,
  "lib/pocketpaw": POCKETPAW,
  "lib/functions": FUNCTIONS,
  handlers: PRODUCT,
  deploy: [],
  local: [...PRODUCT, "deploy"],
  smoke: ["deploy"],
  scripts: [],
  bench: ["lib/tokens"],
};

const files = ["lib", "handlers", "deploy", "local", "smoke", "scripts", "bench"].flatMap(
  (folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .map((path) => `${folder}/${path}`)
      .filter((path) => /\.(ts|js|cjs|mjs)$/.test(path) && path.split("/").every(isSource)),
);

/** The project's files that a file names in an import, an export from or a require. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/(?:\bfrom|\bimport|await import\(|\brequire\()\s*"(\.[^"]+)"/g)].map(
    ([, target = ""]) => relative(ROOT, resolve(ROOT, dirname(file), target)),
  );
}

const partOf = (file: string) =>
  Object.keys(MAY_IMPORT).find((part) => file === part || file.startsWith(`${part}/`)) ?? file;

test.each(Object.keys(MAY_IMPORT))("%s imports only what the table allows", (part) => {
  const mine = files.filter((file) => partOf(file) === part);
  expect(mine).not.toEqual([]);
  const allowed = [part, ...(MAY_IMPORT[part] ?? [])];
  const others = mine.flatMap((file) =>
    importsOf(file)
      .filter((target) => !allowed.includes(partOf(target)))
      .map((target) => `${file} → ${target}`),
  );
  expect(others).toEqual([]);
});

test("no import leads back to its own file", () => {
  const seen = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: readonly string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (seen.has(file) || !files.includes(file)) return;
    seen.add(file);
    for (const target of importsOf(file)) walk(target, [...path, file]);
  };
  for (const file of files) walk(file, []);
  expect(circles).toEqual([]);
});

/** The files of lib/ that docs/architecture.md names, in its order. */
function readingOrder(): string[] {
  const page = readFileSync(join(ROOT, "docs", "architecture.md"), "utf8");
  const [, section = ""] = page.split("## The order in which to read the code");
  const [list = ""] = section.split("\n## ");
  const lines = list.replace(/\n {2,}/g, " ").match(/^\d+\. .*/gm) ?? [];
  return lines.flatMap((line) => {
    const files = line.match(/lib\/[\w/-]+\.ts(?=\))/g) ?? [];
    const [, folder, names = ""] = /\(\.\.\/(lib\/\w+)\): (.*)$/.exec(line) ?? [];
    const inFolder = folder === undefined ? [] : names.match(/[\w-]+(?=[,;]|$)/g);
    return [...files, ...(inFolder ?? []).map((name) => `${folder}/${name}.ts`)];
  });
}

test("docs/architecture.md names every file of lib/ once, after what the file imports", () => {
  const order = readingOrder();
  const sources = files.filter((file) => /^lib\/.*(?<!\.d)\.ts$/.test(file));
  expect([...order].sort()).toEqual(sources.sort());
  const early = order.flatMap((file, at) =>
    importsOf(file)
      .filter((target) => order.indexOf(target) > at)
      .map((target) => `${file} → ${target}`),
  );
  expect(early).toEqual([]);
});
