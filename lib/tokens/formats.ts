import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/** A signed token: `<message>:<mac>`, where the message holds exp. */
export interface TokenFormat {
  readonly prefix: string;
  /**
   * The whole grammar. Its groups: message, exp, mac. Times have at most 15 digits, so that they are
   * safe integers.
   */
  readonly pattern: RegExp;
}

/** Our own session token, `session:<exp>:<mac>`. */
export const SESSION: TokenFormat = {
  prefix: "session:",
  pattern: /^(session:([1-9][0-9]{0,14})):([0-9a-f]{64})$/,
};

const MAX_TIME = 999_999_999_999_999;

/** Whether a token is valid; exp in unix seconds. */
export type Verdict =
  | { readonly ok: true; readonly exp: number }
  | { readonly ok: false; readonly reason: "malformed" | "expired" | "bad_mac" };

const MALFORMED: Verdict = { ok: false, reason: "malformed" };
const EXPIRED: Verdict = { ok: false, reason: "expired" };
const BAD_MAC: Verdict = { ok: false, reason: "bad_mac" };

/**
 * Makes a token: HMAC-SHA256 (RFC 2104) in lower-case hex over prefix and times.
 *
 * @param times in unix seconds; the first is exp, the first second at which the token is not valid
 * @throws RangeError when a time is not a whole number from 1 to 999999999999999
 */
export function sign(
  format: Pick<TokenFormat, "prefix">,
  key: KeyObject,
  ...times: [number, ...number[]]
): string {
  for (const time of times) {
    if (!Number.isInteger(time) || time < 1 || time > MAX_TIME) {
      throw new RangeError(`a token's time must be a whole number from 1 to ${MAX_TIME}`);
    }
  }
  const message = format.prefix + times.join(":");
  return `${message}:${createHmac("sha256", key).update(message).digest("hex")}`;
}

/**
 * Checks a token: its shape, then its time, then its mac, so that what cannot be accepted anyway
 * costs no cryptography. Never throws.
 *
 * @param now unix seconds; the token is valid while now < exp
 */
export function verify(format: TokenFormat, key: KeyObject, token: string, now: number): Verdict {
  const match = format.pattern.exec(token);
  if (match === null) return MALFORMED;
  const exp = Number(match[2]);
  // Not `now >= exp`: a clock that yields NaN must refuse.
  if (!(now < exp)) return EXPIRED;
  // As hex text: Node makes that a fifth faster than the same digest as a Buffer (npm run bench).
  const expected = createHmac("sha256", key)
    .update(match[1] ?? "")
    .digest("hex");
  return timingSafeEqual(bytesOf(expected), bytesOf(match[3] ?? "")) ? { ok: true, exp } : BAD_MAC;
}

/** Faster than as UTF-8, which is the same for hex digits. */
function bytesOf(hex: string): Buffer {
  return Buffer.from(hex, "latin1");
}
