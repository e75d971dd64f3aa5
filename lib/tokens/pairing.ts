import type { KeyObject } from "node:crypto";
import { sign, type TokenFormat } from "./formats.ts";

/**
 * The pairing token, `pair:<exp>:<until>:<mac>`: what a QR code brings to a second device. It can be
 * exchanged until exp for a session that ends at until.
 */
export const PAIRING: TokenFormat = {
  prefix: "pair:",
  pattern: /^(pair:([1-9][0-9]{0,14}):[1-9][0-9]{0,14}):([0-9a-f]{64})$/,
};

/** How long a pairing token is valid. */
const PAIRING_SECONDS = 60;

/**
 * Makes a pairing token that is valid for a minute, but not beyond the session that asked for it.
 *
 * @param key the session key
 * @param now unix seconds
 * @param until the end of that session, unix seconds
 * @throws RangeError when a time is not a whole number of seconds (lib/tokens/formats.ts)
 */
export function signPairing(key: KeyObject, now: number, until: number): string {
  return sign(PAIRING, key, Math.min(now + PAIRING_SECONDS, until), until);
}

/**
 * The end of the session that a pairing token may be exchanged for, unix seconds.
 *
 * @param token of the format's shape, verified
 */
export function pairingUntil(token: string): number {
  return Number(token.split(":")[2]);
}
