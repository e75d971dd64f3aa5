import type { Request } from "./request.ts";

/** A request's JSON object, or why there is none. */
export type JsonBody =
  | { readonly object: object }
  | { readonly reason: "invalid_body" | "body_too_large" };

/**
 * Reads a request's body as a JSON object, whatever its content type says: PocketPaw does not look
 * at it either. A byte order mark before it is ignored (RFC 8259 section 8.1).
 *
 * @param maxBytes of the body itself, before JSON and after base64
 */
export function readJsonBody(
  { body, isBase64Encoded }: Pick<Request, "body" | "isBase64Encoded">,
  maxBytes: number,
): JsonBody {
  if (body === undefined) return { reason: "invalid_body" };
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > maxBytes) return { reason: "body_too_large" };
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, ""));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? { object: value } : { reason: "invalid_body" };
  } catch {
    return { reason: "invalid_body" };
  }
}
