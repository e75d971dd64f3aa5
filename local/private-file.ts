import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Writes a file that only its user can read, whole or not at all, and makes its folder. An existing file is replaced:
 * it would keep its own mode, or be a link that leads elsewhere.
 *
 * @throws Error that names the folder when nothing can be written there
 */
export function writePrivately(file: string, text: string): void {
  const directory = dirname(file);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    rmSync(`${file}.tmp`, { force: true });
    writeFileSync(`${file}.tmp`, text, { mode: 0o600, flag: "wx" });
    renameSync(`${file}.tmp`, file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Nothing can be written to ${directory} (${why}). POCKETPAW_LOCAL_DIR must name a folder that you can write to.`,
    );
  }
}
