import { join, resolve } from "node:path";
import type { Environment } from "../lib/config.ts";

/**
 * The folder in which the embedded Secrets Manager keeps its state: `.local` in the service's folder, or the value
 * of POCKETPAW_LOCAL_DIR, relative to the service's folder.
 *
 * @throws Error when POCKETPAW_LOCAL_DIR is empty
 */
export function localDirectory(environment: Environment, serviceDirectory: string): string {
  const named = environment.POCKETPAW_LOCAL_DIR;
  if (named?.trim() === "") {
    throw new Error("POCKETPAW_LOCAL_DIR is empty; it must name a folder, or not be set.");
  }
  return resolve(serviceDirectory, named ?? ".local");
}

/** The file that contains the embedded Secrets Manager's endpoint while `npm start` runs. */
export function urlFile(directory: string): string {
  return join(directory, "secrets-manager-url");
}

/** The file that contains the access key id that the embedded Secrets Manager accepts. */
export function accessKeyIdFile(directory: string): string {
  return join(directory, "secrets-manager-access-key-id");
}
