import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";

/** All packages that a folder's package.json names, with their versions. */
function packagesOf(folder: string): Record<string, string> {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(ROOT, folder, "package.json"), "utf8"),
  );
  return { ...dependencies, ...devDependencies };
}

describe.each(["examples/serverless", "examples/cdk"])("%s", (folder) => {
  test("names the versions that the tests run", () => {
    const tested = { ...packagesOf("examples/cdk"), ...packagesOf(".") };
    expect(tested).toMatchObject(packagesOf(folder));
  });
});
