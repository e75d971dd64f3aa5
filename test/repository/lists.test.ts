import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PARAMETERS } from "../../deploy/parameters.js";
import { DIRECT_PATHS } from "../../deploy/routes.js";
import * as config from "../../lib/config.ts";
import { ROOT } from "../support/checkout.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** What a pattern's group finds in a text, each once, sorted. */
const found = (pattern: RegExp, text: string) =>
  sorted([...text.matchAll(pattern)].map(([, name = ""]) => name));
const sorted = (list: readonly string[]) => [...new Set(list)].sort();

const SETTINGS: Readonly<Record<string, (environment: config.Environment) => object>> = {
  session: config.readSessionSettings,
  authorizer: config.readAuthorizerSettings,
  verify: config.readAuthorizerSettings,
  login: config.readLoginSettings,
  logout: config.readLogoutSettings,
  qr: config.readQrSettings,
  regenerate: config.readRegenerateSettings,
  page: config.readPageSettings,
};

/** A section of a page of docs/, under a heading of any level. */
function sectionOf(page: string, heading: string): string {
  const [, text = ""] = read(`docs/${page}`).split(new RegExp(`\n##+ ${heading}\n`));
  return text.split("\n## ")[0] ?? "";
}

/** The rows of the tables in such a section. */
function rows(page: string, heading: string): string[][] {
  const lines = sectionOf(page, heading).match(/^\|(?!-).*(?=\|$)/gm) ?? [];
  return lines.map((line) =>
    line
      .slice(1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

function names(cell = ""): string[] {
  return [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
}

/** The names of the settings that a function reads, present or not. */
function settingsOf(reader: (environment: config.Environment) => object): Set<string> {
  const seen = new Set<string>();
  const get = (_: object, name: string | symbol) => void seen.add(String(name));
  try {
    reader(new Proxy<config.Environment>({}, { get }));
  } catch {
    // The required ones are missing.
  }
  return seen;
}

describe("docs/operations.md lists what exists, and nothing else", () => {
  test("every reason code", () => {
    const listed = found(/^\| `(\w+)` \|/gm, sectionOf("operations.md", "Reason codes"));
    expect(listed).toEqual(found(/(?:\||Reason =) "(\w+)"/g, read("lib/errors.ts")));
  });

  test("every field of a log line, and every event", () => {
    const table = rows("operations.md", "Logs").slice(1);
    const fields = table.slice(
      0,
      table.findIndex(([first]) => first === "reason"),
    );
    const source = read("lib/log.ts");
    const known = [...found(/^ {2}readonly (\w+)\??:/gm, source), "timestamp"];
    expect(sorted(fields.flatMap(([cell]) => names(cell)))).toEqual(sorted(known));
    const events = fields.find(([cell]) => cell === "`event`")?.[1];
    expect(sorted(names(events))).toEqual(found(/^ {4}\| "(\w+)"/gm, source));
  });
});

describe("docs/configuration.md lists what exists, and nothing else", () => {
  test("every parameter of the stack, with its default", () => {
    const defaults = Object.entries(PARAMETERS).map(([name, { byDefault }]) => [
      name,
      byDefault === "" ? "none" : String(byDefault),
    ]);
    const listed = rows("configuration.md", "Parameters of the stack").flatMap(
      ([cell, value = ""]) =>
        names(cell).map((name) => [name, /^(\w+)$/.test(value) ? value : "none"]),
    );
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(defaults));
  });

  test("every setting, with the functions that read it", () => {
    const readers = new Map<string, string[]>();
    for (const [name, reader] of Object.entries(SETTINGS)) {
      for (const setting of settingsOf(reader))
        readers.set(setting, [...(readers.get(setting) ?? []), name]);
    }
    let functions: string[] = [];
    const listed = rows("configuration.md", "Settings of the functions")
      .slice(1)
      .flatMap(([cell, , , last = ""]) => {
        functions = last === "the same" ? functions : last.split(", ");
        return names(cell).map((setting) => [setting, [...functions].sort()]);
      });
    const known = [...readers].map(([setting, functions]) => [setting, functions.sort()]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(known));
  });

  test("the default of every setting", () => {
    const required = { MASTER_TOKEN_SECRET_ID: "a", HMAC_KEY_SECRET_ID: "b" };
    const defaults = rows("configuration.md", "Settings of the functions").filter(
      ([, value = ""]) => /^(\d+|true|false)$/.test(value),
    );
    expect(defaults.length).toBeGreaterThan(4);
    for (const [cell, value] of defaults) {
      for (const reader of Object.values(SETTINGS)) {
        const [setting = ""] = names(cell);
        expect(reader({ ...required, [setting]: value })).toEqual(reader(required));
      }
    }
  });
});

/** The text of a folder's own source files. */
const sourcesIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|cjs)$/.test(file))
    .map((file) => read(`${folder}/${file}`))
    .join("\n");

test("docs/configuration.md lists every setting of a laptop", () => {
  const listed = rows("configuration.md", "Settings on a laptop").flatMap(([cell]) => names(cell));
  expect(sorted(listed)).toEqual(found(/\.(POCKETPAW_[A-Z_]+)/g, sourcesIn("local")));
});

test("docs/attach.md lists every field that the authorizer gives a route", () => {
  const table = rows("attach.md", "What a route sees").slice(1);
  const [, context = ""] = read("lib/auth/caller.ts").split("export type AuthorizerContext = {");
  const known = found(/^ {2}readonly (\w+)\??:/gm, context.split("\n};")[0] ?? "");
  expect(sorted(table.map(([cell]) => names(cell)[0] ?? ""))).toEqual(known);
});

test("docs/troubleshooting.md lists every response of the functions that is not a success", () => {
  const page = read("docs/troubleshooting.md");
  const sources = sourcesIn("lib/functions") + sourcesIn("lib/http");
  const details = found(/(?:detail(?::| =) |unauthorized\(|_TOKEN = )["`]([^"`$]+)/g, sources);
  expect(details.length).toBeGreaterThan(8);
  expect(details.filter((detail) => !page.includes(detail))).toEqual([]);
});

test("docs/behind-pocketpaw.md lists every direct path", () => {
  const table = rows("behind-pocketpaw.md", "What goes through");
  const listed = table.flatMap(([cell = "", , ...more]) =>
    more.length === 0 ? [...cell.matchAll(/`([^`]+)`/g)].map(([, path]) => path) : [],
  );
  expect(listed).toEqual(DIRECT_PATHS);
});

test("docs/architecture.md's assumptions about AWS rest on rows of the smoke test that exist", () => {
  const cells = rows("architecture.md", "Assumptions about AWS").map((row) => row.at(-1));
  const named = found(/`([a-z-]+)`/g, cells.join());
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !read("docs/smoke.md").includes(`\n| \`${name}\` |`))).toEqual([]);
});
