import { join, resolve } from "node:path";
import type { Environment } from "../lib/config/settings.ts";

/**
 * Where the embedded Secrets Manager keeps its state: `.local` in the service's directory, or what
 * POCKETPAW_LOCAL_DIR names, seen from there.
 *
 * @throws Error when POCKETPAW_LOCAL_DIR is empty
 */
export function localDirectory(environment: Environment, serviceDirectory: string): string {
  const named = environment.POCKETPAW_LOCAL_DIR;
  if (named?.trim() === "") {
    throw new Error("POCKETPAW_LOCAL_DIR is empty; it must be a directory, or not be set.");
  }
  return resolve(serviceDirectory, named ?? ".local");
}

/** The file that says, while `npm start` runs, where the embedded Secrets Manager listens. */
export function urlFile(directory: string): string {
  return join(directory, "secrets-manager-url");
}

/** The file beside it with the access key id that the embedded Secrets Manager accepts. */
export function accessKeyIdFile(directory: string): string {
  return join(directory, "secrets-manager-access-key-id");
}
