import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCheckout } from "../support/checkout.ts";

const FUNCTIONS = ["authorizer", "regenerate", "rotate", "session", "session-status"];

/** What stands in local/, in test/ or in a dev dependency, and survives minification. */
const FOREIGN = ["embedded Secrets Manager", "secrets.json", "fast-check", "serverless-"];

const checkout = makeCheckout();
afterAll(() => checkout.remove());

/** The files of each zip that `npm run package` makes, as text. */
const zips: Record<string, Record<string, string>> = {};

beforeAll(() => {
  execFileSync("npm", ["run", "package"], { cwd: checkout.directory, stdio: "pipe" });
  const output = join(checkout.directory, ".serverless");
  for (const file of readdirSync(output).filter((name) => name.endsWith(".zip"))) {
    const entries = Object.entries(unzipSync(readFileSync(join(output, file))));
    zips[file] = Object.fromEntries(entries.map(([name, data]) => [name, strFromU8(data)]));
  }
}, 120_000);

describe("npm run package", () => {
  test("makes one zip a function, named after it", () => {
    expect(Object.keys(zips).sort()).toEqual(FUNCTIONS.map((name) => `${name}.zip`).sort());
  });

  test.each(FUNCTIONS)("puts into %s.zip its own handler and nothing else", (name) => {
    expect(Object.keys(zips[`${name}.zip`] ?? {})).toEqual([`handlers/${name}.mjs`]);
  });

  test.each(FUNCTIONS)("keeps local/, test/ and the dev dependencies out of %s.zip", (name) => {
    const bundle = zips[`${name}.zip`]?.[`handlers/${name}.mjs`] ?? "";
    const found = FOREIGN.filter((text) => bundle.includes(text));
    expect(found).toEqual([]);
  });
});
