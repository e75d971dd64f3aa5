/** An HTTP answer, as API Gateway takes it from a Lambda proxy integration. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** When secrets that could not be read are worth another try. */
const RETRY_AFTER_SECONDS = 5;

/** A JSON answer that no cache may keep: every one of ours tells of one caller at one moment. */
export function answer(
  statusCode: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    statusCode,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
    body: JSON.stringify(body),
  };
}

/**
 * 401 with its challenge. RFC 6750 section 3.1: a request that brought no bearer token is told no
 * error code; one whose token did not do is told `invalid_token`.
 */
export function unauthorized(detail: string, error?: "invalid_token"): Answer {
  const challenge = `Bearer realm="pocketpaw"${error === undefined ? "" : `, error="${error}"`}`;
  return answer(401, { detail }, { "www-authenticate": challenge });
}

/** 503 (RFC 9110 section 15.6.4): nothing can be said of any token before the secrets are back. */
export function unavailable(): Answer {
  const detail = "Authentication is temporarily unavailable";
  return answer(503, { detail }, { "retry-after": String(RETRY_AFTER_SECONDS) });
}
