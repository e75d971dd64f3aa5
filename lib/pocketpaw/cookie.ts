import type { Accepted } from "../auth/authenticate.ts";
import { NATIVE, sign } from "../tokens/formats.ts";

/** The master token has no end; the cookie that stands for it lasts this one request, with leeway. */
const MASTER_SECONDS = 300;

/**
 * The `Cookie` header for a PocketPaw behind the gateway: its own kind of token, since it cannot
 * read ours. It ends with the session itself, so that PocketPaw refuses what a cached answer of the
 * authorizer let through.
 *
 * @param now unix seconds
 */
export function mintUpstreamCookie(accepted: Accepted, now: number): string {
  const exp = accepted.expiresAt ?? now + MASTER_SECONDS;
  return `pocketpaw_session=${sign(NATIVE, accepted.keys.native, exp)}`;
}
