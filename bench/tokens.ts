import { SESSION, sign } from "../lib/tokens/formats.ts";
import { deriveSessionKey, sha256 } from "../lib/tokens/keys.ts";

/** Two secrets, as an operator would have them. */
export const MASTER_TOKEN = "8c7e6f0a-3b1d-4e2f-9a5c-d4b3c2a1f0e9";
export const HMAC_KEY = "Zk3vQp8sLw1xTn6yRb4mHc9dJf2gVa7eUoIiPlKjHgFdSaQw";

/** The key of their session tokens. */
export const KEY = deriveSessionKey(HMAC_KEY, sha256(MASTER_TOKEN));

const exp = Math.floor(Date.now() / 1000) + 86_400;

/** A session token that holds for a day. */
export const GOOD = sign(SESSION, KEY, exp);

/** A token of the right shape whose mac is wrong; another one for each number. */
export function forged(number: number): string {
  return `session:${exp}:${number.toString(16).padStart(64, "0")}`;
}
