import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Environment } from "../lib/config.ts";
import { parseHmacKey } from "../lib/secrets/values.ts";

const KEY_BYTES = 36;

/** The folder for all that a run writes: POCKETPAW_LOCAL_DIR, else `.local`, in the service's folder. @throws Error */
export function localDirectory(environment: Environment, serviceDirectory: string): string {
  const named = environment.POCKETPAW_LOCAL_DIR;
  if (named?.trim() === "") {
    throw new Error("POCKETPAW_LOCAL_DIR is empty; it must name a folder, or not be set.");
  }
  return resolve(serviceDirectory, named ?? ".local");
}

/** The embedded Secrets Manager's endpoint, while `npm start` runs. */
export const urlFile = (folder: string) => join(folder, "secrets-manager-url");
/** The access key id that it accepts. */
export const accessKeyIdFile = (folder: string) => join(folder, "secrets-manager-access-key-id");
/** The current HMAC key and the one before it. */
export const hmacKeyFile = (folder: string) => join(folder, "hmac-key.json");

/**
 * The HMAC key of the last run, and the one before it where a rotation has replaced one; or a new one.
 *
 * @throws Error that names the file when it cannot be used
 */
export function loadHmacKeys(directory: string): [current: string, previous?: string] {
  const file = hmacKeyFile(directory);
  if (!existsSync(file)) return [randomBytes(KEY_BYTES).toString("base64url")];
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    const [current, previous] = JSON.parse(text);
    parseHmacKey(current);
    return typeof previous === "string" ? [current, previous] : [current];
  } catch {
    // Not the reason: JSON.parse quotes the text.
    throw new Error(
      `${file} is damaged; it must hold the HMAC key as npm start wrote it. Remove it to start with a new key, which ends every session.`,
    );
  }
}

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
