import { UnusableSecret } from "../errors.ts";

/** A version of a secret, and what it holds. */
export interface SecretVersion {
  readonly versionId: string;
  readonly value: string | Uint8Array;
}

/** HMAC-SHA256 is as strong as its key; RFC 2104 section 3 asks for at least the hash's 32 bytes. */
const MIN_HMAC_KEY_BYTES = 32;

/**
 * The master token out of a secret's value: the raw string, or `{"token": "…"}`. White space around
 * it is dropped, since a file's last line feed is easily stored along, and so is a byte order mark, which
 * counts as white space (ECMA-262, WhiteSpace).
 *
 * @throws UnusableSecret
 */
export function parseMasterToken(value: string | Uint8Array): string {
  const token = textOf(value, "token").trim();
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UnusableSecret(
      "master_token_not_visible_ascii",
      "the master token must be visible ASCII without spaces, or no Authorization header can carry it",
    );
  }
  return token;
}

/**
 * The HMAC key out of a secret's value: the raw string, or `{"key": "…"}`; its bytes are its UTF-8.
 *
 * @throws UnusableSecret
 */
export function parseHmacKey(value: string | Uint8Array): string {
  const key = textOf(value, "key");
  const bytes = Buffer.byteLength(key);
  if (bytes < MIN_HMAC_KEY_BYTES) {
    throw new UnusableSecret(
      "hmac_key_too_short",
      `the HMAC key has ${bytes} bytes; it must have ${MIN_HMAC_KEY_BYTES} or more`,
    );
  }
  return key;
}

/**
 * A secret's new value in the form of its old one: raw, or a JSON object with the one field.
 *
 * @param field `token` for the master token, `key` for the HMAC key
 * @returns what to store as SecretString
 */
export function inFormOf(old: string | Uint8Array, field: "token" | "key", text: string): string {
  return typeof old === "string" && isJson(old) ? JSON.stringify({ [field]: text }) : text;
}

function isJson(value: string): boolean {
  return value.trimStart().startsWith("{");
}

function textOf(value: string | Uint8Array, field: "token" | "key"): string {
  if (typeof value !== "string") {
    throw new UnusableSecret("secret_binary", "the secret is binary; it must be a SecretString");
  }
  // A broken JSON object is an operator's slip, never a raw value: it must not become the secret.
  const text = isJson(value) ? onlyField(value.trim(), field) : value.trim();
  if (text.trim() === "") throw new UnusableSecret("secret_empty", "the secret is empty");
  return text;
}

function onlyField(json: string, field: string): string {
  const fields = parseObject(json);
  const text = fields[field];
  if (typeof text === "string" && Object.keys(fields).length === 1) return text;
  const message = `a JSON secret must have the one string field "${field}"`;
  throw new UnusableSecret("secret_json_invalid", message);
}

function parseObject(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json);
  } catch {
    // Not JSON.parse's own error: it quotes the text.
    throw new UnusableSecret(
      "secret_json_invalid",
      "the secret starts like a JSON object and is not valid JSON",
    );
  }
}
