import { strFromU8, unzipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";
import { packageZips } from "../support/zips.ts";

const FUNCTIONS = [
  ...["authorizer", "healthz", "login", "logout", "page", "qr", "regenerate", "rotate", "session"],
  ...["session-status", "verify"],
];

/** What stands in local/, in test/ or in a dev dependency, and survives minification. */
const FOREIGN = ["embedded Secrets Manager", "secrets.json", "fast-check", "serverless-"];

/** Bytes of a bundle: each KB costs cold start (bench/measures/cold-start.ts has the same limits). */
const LIMITS = { session: 35_000, authorizer: 38_000 };

/** The files of each zip that `npm run package` makes, as text. */
const zips: Record<string, Record<string, string>> = {};

beforeAll(() => {
  for (const [name, zip] of Object.entries(packageZips())) {
    const entries = Object.entries(unzipSync(zip));
    zips[`${name}.zip`] = Object.fromEntries(
      entries.map(([path, data]) => [path, strFromU8(data)]),
    );
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

  test.each(Object.entries(LIMITS))("keeps the bundle of %s within %i bytes", (name, limit) => {
    const bundle = zips[`${name}.zip`]?.[`handlers/${name}.mjs`];
    expect(Buffer.byteLength(bundle ?? "x".repeat(limit + 1))).toBeLessThanOrEqual(limit);
  });
});
