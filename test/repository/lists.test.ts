import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PARAMETERS } from "../../deploy/parameters.js";
import { DIRECT_PATHS } from "../../deploy/routes.js";
import type { AuthorizerContext } from "../../lib/auth/caller.ts";
import * as config from "../../lib/config.ts";
import type { Reason } from "../../lib/errors.ts";
import type { LogEntry } from "../../lib/log.ts";
import { ROOT } from "../support/checkout.ts";

// The compiler fails where one is missing or too many.
const REASONS: Record<Reason, true> = {
  missing: true,
  malformed: true,
  expired: true,
  bad_mac: true,
  wrong_master: true,
  cross_origin: true,
  odd_path: true,
  malformed_event: true,
  invalid_body: true,
  body_too_large: true,
  secret_binary: true,
  secret_empty: true,
  secret_json_invalid: true,
  master_token_not_visible_ascii: true,
  hmac_key_too_short: true,
  upstream_unreachable: true,
  upstream_refused: true,
  upstream_failed: true,
  secrets_unavailable: true,
  secrets_unusable: true,
  overtaken: true,
  not_stored: true,
  step_refused: true,
  bad_settings: true,
  internal_error: true,
};
const FIELDS: Record<keyof LogEntry | "timestamp", true> = {
  timestamp: true,
  level: true,
  event: true,
  outcome: true,
  reason: true,
  method: true,
  sessionId: true,
  requestId: true,
  sourceIp: true,
  viewerIp: true,
  secret: true,
  ageSeconds: true,
  step: true,
  versionId: true,
  error: true,
  detail: true,
};
const EVENTS: Record<LogEntry["event"], true> = {
  authorization: true,
  verification: true,
  session_exchange: true,
  login: true,
  logout: true,
  qr_code: true,
  token_regeneration: true,
  rotation_step: true,
  secret_read: true,
};
const CONTEXT: Record<keyof AuthorizerContext, true> = {
  method: true,
  expiresAt: true,
  sessionId: true,
  masterTokenVersion: true,
  upstreamCookie: true,
};

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

/** The rows of the tables under a heading of docs/, without the first line of each. */
function rows(page: string, heading: string): string[][] {
  const text = readFileSync(join(ROOT, "docs", page), "utf8");
  const [section = ""] = text.split(`\n## ${heading}\n`)[1]?.split("\n## ") ?? [];
  const lines = section.split("\n").filter((line) => /^\|(?!-)/.test(line));
  return lines
    .map((line) => line.split("|").slice(1, -1))
    .map((cells) => cells.map((c) => c.trim()));
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

const sorted = (list: readonly string[]) => [...new Set(list)].sort();

describe("docs/operations.md lists what exists, and nothing else", () => {
  const text = readFileSync(join(ROOT, "docs", "operations.md"), "utf8");

  test("every reason code", () => {
    const [, table = ""] = text.split("### Reason codes");
    const [section = ""] = table.split("\n## ");
    const listed = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, code = ""]) => code);
    expect(listed.sort()).toEqual(Object.keys(REASONS).sort());
  });

  test("every field of a log line, and every event", () => {
    const table = rows("operations.md", "Logs").slice(1);
    const fields = table.slice(
      0,
      table.findIndex(([first]) => first === "reason"),
    );
    expect(sorted(fields.flatMap(([cell]) => names(cell)))).toEqual(sorted(Object.keys(FIELDS)));
    const events = fields.find(([cell]) => cell === "`event`")?.[1];
    expect(sorted(names(events))).toEqual(sorted(Object.keys(EVENTS)));
  });
});

describe("docs/configuration.md lists what exists, and nothing else", () => {
  test("every parameter of the stack", () => {
    const table = rows("configuration.md", "Parameters of the stack");
    expect(sorted(table.flatMap(([cell]) => names(cell)))).toEqual(sorted(Object.keys(PARAMETERS)));
  });

  test("the default of every parameter", () => {
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
    const read = new Map<string, string[]>();
    for (const [name, reader] of Object.entries(SETTINGS)) {
      for (const setting of settingsOf(reader))
        read.set(setting, [...(read.get(setting) ?? []), name]);
    }
    let functions: string[] = [];
    const listed = rows("configuration.md", "Settings of the functions")
      .slice(1)
      .flatMap(([cell, , , last = ""]) => {
        functions = last === "the same" ? functions : last.split(", ");
        return names(cell).map((setting) => [setting, [...functions].sort()]);
      });
    const known = [...read].map(([setting, found]) => [setting, found.sort()]);
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

test("docs/configuration.md lists every setting of a laptop", () => {
  const folder = join(ROOT, "local");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|cjs)$/.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"));
  const used = sources.flatMap((source) => source.match(/(?<=\.)POCKETPAW_[A-Z_]+/g) ?? []);
  const listed = rows("configuration.md", "Settings on a laptop").flatMap(([cell]) => names(cell));
  expect(sorted(listed)).toEqual(sorted(used));
});

test("docs/attach.md lists every field that the authorizer gives a route", () => {
  const table = rows("attach.md", "What a route sees").slice(1);
  expect(sorted(table.map(([cell]) => names(cell)[0] ?? ""))).toEqual(sorted(Object.keys(CONTEXT)));
});

test("docs/troubleshooting.md lists every response of the functions that is not a success", () => {
  const page = readFileSync(join(ROOT, "docs", "troubleshooting.md"), "utf8");
  const folders = ["functions", "http"].map((name) => join(ROOT, "lib", name));
  const sources = folders.flatMap((folder) =>
    readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8")),
  );
  const details = sources.flatMap((source) =>
    [...source.matchAll(/(?:detail(?::| =) |unauthorized\(|_TOKEN = )["`]([^"`$]+)/g)].map(
      ([, detail = ""]) => detail,
    ),
  );
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
