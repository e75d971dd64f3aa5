import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHmacKey } from "../lib/secrets/values.ts";
import { writePrivately } from "./private-file.ts";

const KEY_BYTES = 36;

/** The HMAC keys in use: the current one, and the one before it where a rotation has replaced one. */
export type HmacKeys = readonly [current: string, previous?: string];

const keyFile = (directory: string) => join(directory, "hmac-key.json");

/**
 * The HMAC keys of the last run, or a new one.
 *
 * @throws Error that names the file when it is damaged or cannot be read
 */
export function loadHmacKeys(directory: string): HmacKeys {
  const file = keyFile(directory);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR"].includes(code)) return [randomBytes(KEY_BYTES).toString("base64url")];
    throw new Error(`${file} cannot be read: ${message}`);
  }
  try {
    const [current, previous]: unknown[] = JSON.parse(text);
    if (typeof current !== "string") throw new Error();
    parseHmacKey(current);
    return typeof previous === "string" ? [current, previous] : [current];
  } catch {
    throw new Error(
      `${file} is damaged; it must hold the HMAC key as npm start wrote it. Remove it to start with a new key, which ends every session.`,
    );
  }
}

/** Keeps the HMAC keys for the next run. @throws Error that names the folder */
export function saveHmacKeys(directory: string, keys: HmacKeys): void {
  writePrivately(keyFile(directory), `${JSON.stringify(keys)}\n`);
}
