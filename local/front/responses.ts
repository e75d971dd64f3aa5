import type { Fields } from "./headers.ts";

/** A response whose body is whole. */
export interface Response {
  readonly status: number;
  readonly headers: Fields;
  readonly body: Buffer;
}

/** API Gateway's own. */
export const gatewayResponse = (status: number, message: string) => json(status, { message });

export const FAILURE = gatewayResponse(500, "Internal Server Error");

/** The proxy's in front of PocketPaw, on direct paths CloudFront's too. */
export function proxyResponse(status: number, detail: string): Response {
  const retry = status >= 500 ? { "retry-after": ["5"] } : {};
  return json(status, { detail }, { "cache-control": ["no-store"], ...retry });
}

function json(status: number, body: object, others: Fields = {}): Response {
  const headers = { "content-type": ["application/json"], ...others };
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}
