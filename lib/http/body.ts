import { fieldOf } from "./fields.ts";

/** A request's JSON object, or why there is none. */
export type JsonBody =
  | { readonly object: object }
  | { readonly reason: "invalid_body" | "body_too_large" };

/**
 * Reads a request's body as a JSON object, whatever its content type says: PocketPaw does not look
 * at it either.
 *
 * @param event payload 2.0; the body may be base64-encoded
 * @param maxBytes of the body itself, before JSON and after base64
 */
export function readJsonBody(event: unknown, maxBytes: number): JsonBody {
  const body = fieldOf(event, "body");
  if (typeof body !== "string") return { reason: "invalid_body" };
  const isBase64 = fieldOf(event, "isBase64Encoded") === true;
  const bytes = Buffer.from(body, isBase64 ? "base64" : "utf8");
  if (bytes.length > maxBytes) return { reason: "body_too_large" };
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? { object: value } : { reason: "invalid_body" };
  } catch {
    return { reason: "invalid_body" };
  }
}
