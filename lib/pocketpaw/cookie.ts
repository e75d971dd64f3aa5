import type { Accepted } from "../auth/authenticate.ts";
import { SESSION_COOKIE } from "../http/cookies.ts";
import { NATIVE, sign } from "../tokens/formats.ts";

/** The master token does not expire; the cookie that stands for it is for this one request. */
const MASTER_SECONDS = 300;

/**
 * The `Cookie` header for PocketPaw behind the gateway: a PocketPaw token, since it cannot read ours.
 * It ends with the session itself, so that PocketPaw refuses what a cached result of the authorizer
 * let through.
 *
 * @param now unix seconds
 */
export function mintUpstreamCookie({ expiresAt, keys }: Accepted, now: number): string {
  return `${SESSION_COOKIE}=${sign(NATIVE, keys.native, expiresAt ?? now + MASTER_SECONDS)}`;
}
