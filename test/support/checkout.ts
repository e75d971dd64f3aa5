import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The project's root, absolute. */
export const ROOT = join(import.meta.dirname, "..", "..");

/** What a build leaves behind, and what is only linked. */
const LEFT_OUT = new Set([".git", ".esbuild", ".local", ".serverless", "node_modules"]);

/**
 * A copy of the project in a folder of its own, with its node_modules linked, so that builds that
 * run at the same time do not share their output folders.
 *
 * @returns the folder, and what removes it
 */
export function makeCheckout(): { directory: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-checkout-"));
  for (const name of readdirSync(ROOT)) {
    if (LEFT_OUT.has(name)) continue;
    cpSync(join(ROOT, name), join(directory, name), {
      recursive: true,
      filter: (source) => !source.includes("node_modules"),
    });
  }
  symlinkSync(join(ROOT, "node_modules"), join(directory, "node_modules"));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
