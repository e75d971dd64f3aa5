import { sessionCookie } from "../http/cookies.ts";
import type { Keys } from "../secrets/keyring.ts";
import { NATIVE, SESSION, sign } from "../tokens/formats.ts";

/**
 * The `Set-Cookie` header of a new browser session: our session token or, with PocketPaw behind the
 * gateway, a PocketPaw token, so that PocketPaw's WebSocket accepts it too.
 *
 * @param event the request's, for its host
 * @param exp the session's end, unix seconds
 * @param now unix seconds
 * @param isNative whether PocketPaw is behind the gateway
 */
export function browserCookie(
  event: unknown,
  keys: Pick<Keys, "session" | "native">,
  exp: number,
  now: number,
  isNative: boolean,
): string {
  const token = isNative ? sign(NATIVE, keys.native, exp) : sign(SESSION, keys.session, exp);
  return sessionCookie(event, token, exp - now);
}
