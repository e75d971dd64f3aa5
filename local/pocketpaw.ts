import { POCKETPAW_COOKIE, pocketPawToken } from "../lib/pocketpaw/token.ts";
import { pocketPawKey } from "../lib/tokens/keys.ts";
import { exchange } from "./front/exchange.ts";

/** PocketPaw asks for a credential here. */
const PROBE_PATH = "/api/health";
const PROBE_MILLISECONDS = 3_000;
const PROBE_BYTES = 1024 * 1024;
const PROBE_TOKEN_SECONDS = 60;

/**
 * Asks a server whether it is a PocketPaw that accepts the master token in use, by a PocketPaw token of one minute,
 * never by the master token itself: while PocketPaw is down, another user's process may listen on its port.
 *
 * @returns the status of its response, if there is one
 */
export async function probePocketPaw(url: URL, masterToken: string): Promise<number | undefined> {
  const expiresAt = Math.floor(Date.now() / 1000) + PROBE_TOKEN_SECONDS;
  const cookie = `${POCKETPAW_COOKIE}=${pocketPawToken(pocketPawKey(masterToken), expiresAt)}`;
  // Without X-Forwarded-For PocketPaw accepts every request of its own machine.
  const headers = { host: [url.host], "x-forwarded-for": ["127.0.0.1"], cookie: [cookie] };
  const request = { method: "GET", target: PROBE_PATH, headers };
  return exchange(url, request, PROBE_MILLISECONDS, PROBE_BYTES).then(
    (response) => response?.status,
    () => undefined,
  );
}

/** The warning for an operator about the probe's outcome; undefined when all is well. */
export function pocketPawWarning(originUrl: string, status?: number): string | undefined {
  switch (status) {
    case 200:
      return undefined;
    case undefined:
      return `Warning: the PocketPaw at ${originUrl} does not respond. Its routes respond 503 until it does.`;
    case 401:
      return `Warning: the PocketPaw at ${originUrl} does not accept the master token in use. Set POCKETPAW_ACCESS_TOKEN to its master token, or unset it to use ~/.pocketpaw/access_token.`;
    default:
      return `Warning: the server at ${originUrl} responds with status ${status} to GET ${PROBE_PATH}; a PocketPaw responds with 200.`;
  }
}
