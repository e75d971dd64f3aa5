import { lstatSync, readFileSync, unwatchFile, watchFile } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../lib/config.ts";
import { parseMasterToken } from "../lib/secrets/values.ts";

const POLL_MILLISECONDS = 500;
const REMEDY =
  "Set POCKETPAW_ACCESS_TOKEN to PocketPaw's master token, or repair the file that PocketPaw keeps it in.";

/** The file in which PocketPaw keeps its master token. */
export const tokenFile = (home: string) => join(home, ".pocketpaw", "access_token");

/**
 * The operator's master token: POCKETPAW_ACCESS_TOKEN, else PocketPaw's own file, if there is one.
 *
 * @throws Error that names the setting or the file, and what to do, when the token in it cannot be used
 */
export function givenToken(environment: Environment, home: string): string | undefined {
  const named = environment.POCKETPAW_ACCESS_TOKEN;
  return named === undefined
    ? readTokenFile(tokenFile(home))
    : usableToken("POCKETPAW_ACCESS_TOKEN", named);
}

function readTokenFile(file: string): string | undefined {
  let text: string;
  try {
    // A link into nothing is there, too.
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}. ${REMEDY}`);
  }
  return usableToken(file, text);
}

/** As the functions will read it, so that a token that they would refuse is refused here, and by name. */
function usableToken(source: string, value: string): string {
  try {
    return parseMasterToken(value);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The master token in ${source} cannot be used: ${why}. ${REMEDY}`);
  }
}

/**
 * Waits for PocketPaw's file, which it writes the first time that it needs a master token.
 *
 * @returns what looks now, and what stops waiting
 */
export function watchTokenFile(file: string, onToken: (token: string) => void) {
  const stop = () => unwatchFile(file, look);
  function look(): void {
    let token: string | undefined;
    try {
      token = readTokenFile(file);
    } catch {
      // Not all of it is there yet.
    }
    if (token === undefined) return;
    stop();
    onToken(token);
  }
  watchFile(file, { interval: POLL_MILLISECONDS, persistent: false }, look);
  return { look, stop };
}
