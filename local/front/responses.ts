import type { Fields } from "./headers.ts";

/** A response whose body is whole. */
export interface Response {
  readonly status: number;
  readonly headers: Fields;
  readonly body: Buffer;
}

/** A response of API Gateway's own: JSON with the one field `message`. */
export function gatewayResponse(status: number, message: string): Response {
  return json(status, { message }, {});
}

/** A response of the proxy's in front of PocketPaw, and of CloudFront's, on the direct paths. */
export function proxyResponse(status: number, detail: string): Response {
  const retry = status >= 500 ? { "retry-after": ["5"] } : {};
  return json(status, { detail }, { "cache-control": ["no-store"], ...retry });
}

function json(status: number, body: object, headers: Fields): Response {
  const all = { "content-type": ["application/json"], ...headers };
  return { status, headers: all, body: Buffer.from(JSON.stringify(body)) };
}
