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
const imports = new Map(files.map((file) => [file, importsOf(file)]));

const partOf = (file: string) =>
  Object.keys(MAY_IMPORT).find((part) => file === part || file.startsWith(`${part}/`)) ?? file;

test.each(Object.keys(MAY_IMPORT))("%s imports only what the table allows", (part) => {
  const mine = [...imports].filter(([file]) => partOf(file) === part);
  expect(mine).not.toEqual([]);
  const allowed = [part, ...(MAY_IMPORT[part] ?? [])];
  const others = mine.flatMap(([file, targets]) =>
    targets.filter((t) => !allowed.includes(partOf(t))).map((target) => `${file} → ${target}`),
  );
  expect(others).toEqual([]);
});

test("no import leads back to its own file", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: readonly string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file)) return;
    done.add(file);
    for (const target of imports.get(file) ?? []) walk(target, [...path, file]);
  };
  for (const file of files) walk(file, []);
  expect(circles).toEqual([]);
});
