import { createSecretKey, hash, hkdfSync, type KeyObject } from "node:crypto";

/** SHA-256 of a text's UTF-8, 32 bytes. */
export function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

/**
 * The key of our session tokens, by HKDF-SHA256 (RFC 5869). Bound to both secrets: a new master
 * token ends every session, and a leaked HMAC key alone forges nothing.
 */
export function deriveSessionKey(hmacKey: string, masterDigest: Buffer): KeyObject {
  return createSecretKey(
    Buffer.from(hkdfSync("sha256", hmacKey, masterDigest, "pocketpaw/session/v1", 32)),
  );
}

/**
 * The key of PocketPaw tokens: the master token itself.
 *
 * @param masterToken visible ASCII
 */
export function pocketPawKey(masterToken: string): KeyObject {
  return createSecretKey(Buffer.from(masterToken));
}
