import type { KeyObject } from "node:crypto";
import { sign } from "../tokens/formats.ts";

/** The cookie that PocketPaw itself reads. No browser holds it: the gateway and the proxy send it. */
export const POCKETPAW_COOKIE = "pocketpaw_session";

/** The master token does not expire; the PocketPaw token that stands for it is for this one request. */
const MASTER_SECONDS = 300;

/**
 * The PocketPaw token, `<exp>:<mac>` (PocketPaw's security/session_tokens.py).
 *
 * @param key of PocketPaw tokens (lib/tokens/keys.ts)
 * @param exp unix seconds
 * @throws RangeError when exp is not a whole number of seconds (lib/tokens/formats.ts)
 */
export function pocketPawToken(key: KeyObject, exp: number): string {
  return sign({ prefix: "" }, key, exp);
}

/**
 * The `Cookie` header for PocketPaw, which cannot read our tokens. It ends with the session itself, so
 * that PocketPaw refuses what a cached result of the authorizer let through.
 *
 * @param expiresAt the session's end, unix seconds; undefined for the master token
 * @param now unix seconds
 */
export function upstreamCookie(key: KeyObject, expiresAt: number | undefined, now: number): string {
  return `${POCKETPAW_COOKIE}=${pocketPawToken(key, expiresAt ?? now + MASTER_SECONDS)}`;
}
