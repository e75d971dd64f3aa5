import { createHash, createHmac } from "node:crypto";

/** Two secrets, as an operator would have them. */
export const MASTER_TOKEN = "8c7e6f0a-3b1d-4e2f-9a5c-d4b3c2a1f0e9";
export const HMAC_KEY = "Zk3vQp8sLw1xTn6yRb4mHc9dJf2gVa7eUoIiPlKjHgFdSaQw";

/** The key of our session tokens, by HKDF written out (RFC 5869): no code of lib/ has a part in it. */
export function sessionKey(masterToken: string, hmacKey: string): Buffer {
  const salt = createHash("sha256").update(masterToken).digest();
  const pseudorandomKey = createHmac("sha256", salt).update(hmacKey).digest();
  return createHmac("sha256", pseudorandomKey).update("pocketpaw/session/v1\x01").digest();
}

/** Our session token, made without lib/; exp in unix seconds, as it is written in the token. */
export function sessionToken(masterToken: string, hmacKey: string, exp: number | string): string {
  const message = `session:${exp}`;
  return `${message}:${hexMac(sessionKey(masterToken, hmacKey), message)}`;
}

/** The PocketPaw token, made without lib/. */
export function pocketPawToken(masterToken: string, exp: number | string): string {
  return `${exp}:${hexMac(masterToken, String(exp))}`;
}

/** A pairing token, made without lib/. */
export function pairingToken(
  masterToken: string,
  hmacKey: string,
  exp: number | string,
  until: number | string,
): string {
  const message = `pair:${exp}:${until}`;
  return `${message}:${hexMac(sessionKey(masterToken, hmacKey), message)}`;
}

/** Tokens under the two secrets; times in unix seconds. */
export const goodSession = (exp: number) => sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
export const goodPairing = (exp: number, until: number) =>
  pairingToken(MASTER_TOKEN, HMAC_KEY, exp, until);

/** A session token of the right shape whose MAC no key of ours signed; another one for each seed. */
export function forgedToken(exp: number, seed = 0): string {
  return `session:${exp}:${hexMac("a forger's key", String(seed))}`;
}

/** What stands for a token in a log line. */
export function sessionIdFor(token: string): string {
  return createHash("sha256").update(token).digest("hex").slice(0, 16);
}

function hexMac(key: string | Buffer, message: string): string {
  return createHmac("sha256", key).update(message).digest("hex");
}
