import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** The project's root, absolute. */
export const ROOT = join(import.meta.dirname, "..", "..");

/** What is installed or built into the project's folder, and git's own. */
const NOT_SOURCE = new Set([
  ...[".git", ".esbuild", ".local", ".serverless"],
  ...["cdk.out", "node_modules"],
]);

/** Whether a file or folder of this name is written here. No git is needed to tell. */
export function isSource(name: string): boolean {
  return !NOT_SOURCE.has(name);
}

/** Copies the project without what is installed or built in it. */
export function copyProject(directory: string): void {
  cpSync(ROOT, directory, { recursive: true, filter: (source) => isSource(basename(source)) });
}

/** Makes an empty folder. @returns it, and what removes it */
export function makeFolder(): { directory: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-"));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/**
 * A copy of the project in a folder of its own, with its node_modules linked, so that builds that
 * run at the same time do not share their output folders.
 *
 * @returns the folder, and what removes it
 */
export function makeCheckout(): { directory: string; remove: () => void } {
  const folder = makeFolder();
  copyProject(folder.directory);
  symlinkSync(join(ROOT, "node_modules"), join(folder.directory, "node_modules"));
  return folder;
}
