import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";

const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8", stdio: "pipe" });

test("a clone with core.autocrlf=true has the bytes that are committed", () => {
  const folder = mkdtempSync(join(tmpdir(), "pocketpaw-clone-"));
  try {
    git("clone", "--quiet", "--config", "core.autocrlf=true", ROOT, folder);
    const files = git("-C", folder, "ls-files", "--eol").trim().split("\n");
    expect(files.length).toBeGreaterThan(100);
    // In the index and in the folder: LF, no line at all, or what .gitattributes calls binary.
    const others = files.filter((file) => !/^i\/(lf|none) +w\/(lf|none) |attr\/-text/.test(file));
    expect(others).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
