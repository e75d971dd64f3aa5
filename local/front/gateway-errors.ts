import type { Response } from "./exchange.ts";

/** A response of API Gateway's own: JSON with the one field `message`. */
export function gatewayResponse(status: number, message: string): Response {
  const headers = ["content-type", "application/json"];
  return { status, headers, body: Buffer.from(JSON.stringify({ message })) };
}

/**
 * Replaces serverless-offline's own error responses by API Gateway's: for a function that failed (status 200 with
 * its stack in serverless-offline), a route that does not exist, and an authorizer that refused (403) or failed (401
 * in serverless-offline, 500 on AWS).
 */
export function asApiGateway(response: Response): Response {
  const fields = jsonObject(response.body);
  if (fields === undefined) return response;
  if ("errorType" in fields || "stackTrace" in fields) {
    return gatewayResponse(500, "Internal Server Error");
  }
  if (fields.statusCode !== response.status || typeof fields.error !== "string") return response;
  switch (response.status) {
    case 403:
      return gatewayResponse(403, "Forbidden");
    case 404:
      return gatewayResponse(404, "Not Found");
    case 413:
      return gatewayResponse(413, "Request Entity Too Large");
    case 400:
      return gatewayResponse(400, "Bad Request");
    default:
      return gatewayResponse(500, "Internal Server Error");
  }
}

function jsonObject(body: Buffer): Record<string, unknown> | undefined {
  if (body[0] !== 0x7b) return undefined;
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
