/**
 * A secret's new value in the form of its old one: raw, or a JSON object with the one field.
 *
 * @param field `token` for the master token, `key` for the HMAC key
 */
export function inFormOf(old: string | Uint8Array, field: "token" | "key", text: string): string {
  const isJson = typeof old === "string" && old.trimStart().startsWith("{");
  return isJson ? JSON.stringify({ [field]: text }) : text;
}
