import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";
import { PYTHON_PROGRAMS } from "./support/tools.ts";

test("test/pocketpaw/surface.txt lists the routes, token and cookie of the PocketPaw in requirements.txt", () => {
  const folder = join(ROOT, "test", "pocketpaw");
  const args = [join(folder, "surface.py")];
  const printed = execFileSync(join(PYTHON_PROGRAMS, "python"), args, { encoding: "utf8" });
  expect(printed).toBe(readFileSync(join(folder, "surface.txt"), "utf8"));
});
