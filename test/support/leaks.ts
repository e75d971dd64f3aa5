/** The shortest piece of a secret that counts as a leak. */
const PIECE = 8;

/**
 * Where a text holds a secret, or a piece of it, as it is or encoded: percent, JSON, hex, and base64
 * at each of its three alignments.
 *
 * @param secrets by name; each of 8 characters or more
 * @returns the pieces found, in words; empty when there are none
 */
export function leaksOf(secrets: Readonly<Record<string, string>>, text: string): string[] {
  const names = new Map<string, string>();
  for (const [name, secret] of Object.entries(secrets)) {
    for (const [form, encoded] of Object.entries(formsOf(secret))) {
      for (const piece of piecesOf(encoded)) names.set(piece, `${name}, ${form}`);
    }
  }
  return [...new Set(piecesOf(text).flatMap((piece) => names.get(piece) ?? []))];
}

function formsOf(secret: string): Record<string, string> {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((alignment) => base64At(bytes, alignment));
  return {
    "as it is": secret,
    "upper case": secret.toUpperCase(),
    reversed: [...secret].reverse().join(""),
    "percent-encoded": encodeURIComponent(secret),
    JSON: JSON.stringify(secret).slice(1, -1),
    hex: bytes.toString("hex"),
    base64: base64.join(" "),
    base64url: base64.join(" ").replaceAll("+", "-").replaceAll("/", "_"),
  };
}

/** Base64 of the bytes behind some others, without the digits that the neighbours have a part in. */
function base64At(bytes: Buffer, alignment: number): string {
  const encoded = Buffer.concat([Buffer.alloc(alignment), bytes]).toString("base64");
  return encoded.slice(alignment === 0 ? 0 : 4, -4);
}

function piecesOf(text: string): string[] {
  const count = Math.max(0, text.length - PIECE + 1);
  return Array.from({ length: count }, (_, start) => text.slice(start, start + PIECE));
}
