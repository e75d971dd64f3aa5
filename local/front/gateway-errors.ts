import type { Response } from "./exchange.ts";

/** A response of API Gateway's own: JSON with the one field `message`. */
export function gatewayResponse(status: number, message: string): Response {
  return json(status, { message }, []);
}

/** A response of the proxy's in front of PocketPaw, and of CloudFront's, on the direct paths. */
export function proxyResponse(status: number, detail: string): Response {
  const retry = status >= 500 ? ["retry-after", "5"] : [];
  return json(status, { detail }, ["cache-control", "no-store", ...retry]);
}

function json(status: number, fields: object, headers: readonly string[]): Response {
  const body = Buffer.from(JSON.stringify(fields));
  return { status, headers: ["content-type", "application/json", ...headers], body };
}
