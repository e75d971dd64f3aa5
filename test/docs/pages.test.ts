import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { installPackages } from "../deployed/support/tools.ts";
import { makeFolder, ROOT } from "../support/checkout.ts";

const API = join(ROOT, "docs", "openapi.yaml");
beforeAll(() => installPackages(import.meta.dirname, "--ignore-scripts"));

/** Runs a script of test/docs/package.json on a file or folder. */
function check(script: "links" | "openapi", path: string) {
  const args = ["run", "--silent", script, "--", path];
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd: import.meta.dirname });
  return { status, output: `${stdout}${stderr}` };
}

test("every link of a page leads to a file and a heading; docs/openapi.yaml is valid OpenAPI", () => {
  expect(check("links", ROOT)).toEqual({ status: 0, output: expect.anything() });
  expect(check("openapi", API)).toEqual({ status: 0, output: expect.anything() });
});

test.each([
  ["a link to no file", "links", "# Here\n\n[a](nowhere.md)\n"],
  ["a link to no heading", "links", "# Here\n\n[a](#nowhere)\n"],
  ["no title", "openapi", readFileSync(API, "utf8").replace("\n  title:", "\n  nowhere:")],
] as const)("what is wrong is noticed: %s", (_, script, text) => {
  const { directory, remove } = makeFolder();
  onTestFinished(remove);
  writeFileSync(join(directory, "page.md"), text);
  const { status, output } = check(script, join(directory, "page.md"));
  expect({ status, output }).toEqual({ status: 1, output: expect.stringMatching("nowhere") });
});
