/**
 * An HTTP response, as API Gateway expects it from a Lambda proxy integration (payload 2.0).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `Set-Cookie` headers, one per entry. */
  readonly cookies?: string[];
  /** JSON, or base64 of other bytes. */
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

/**
 * A JSON response that no cache may keep: each is about one caller at one moment (RFC 9111 section
 * 5.2.2.5).
 *
 * @param cookies `Set-Cookie` headers
 */
export function jsonResponse(
  statusCode: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
  cookies: string[] = [],
): HttpResponse {
  return {
    statusCode,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
    ...(cookies.length > 0 && { cookies }),
    body: JSON.stringify(body),
  };
}

/**
 * 401 with its challenge. RFC 6750 section 3.1: a request without a bearer token gets no error code;
 * one with a wrong token gets `invalid_token`.
 */
export function unauthorized(detail: string, error?: "invalid_token"): HttpResponse {
  const challenge = `Bearer realm="pocketpaw"${error === undefined ? "" : `, error="${error}"`}`;
  return jsonResponse(401, { detail }, { "www-authenticate": challenge });
}

/** 503 (RFC 9110 section 15.6.4): without the secrets nothing can be said of any credential. */
export function unavailable(): HttpResponse {
  const detail = "Authentication is temporarily unavailable";
  return jsonResponse(503, { detail }, { "retry-after": "5" });
}

/** 500 for an error of our own, of which the client is told nothing. */
export function internalError(): HttpResponse {
  return jsonResponse(500, { detail: "Internal server error" });
}

/** 403 for a page of another origin that would use the browser's cookie. */
export function crossOrigin(): HttpResponse {
  return jsonResponse(403, { detail: "Requests from pages of another origin are not allowed" });
}
