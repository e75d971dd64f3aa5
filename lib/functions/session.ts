import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { type Accepted, authenticate } from "../auth/authenticate.ts";
import { secretsReason } from "../errors.ts";
import { findBearerTokens } from "../http/credentials.ts";
import { requestInfoOf } from "../http/request-info.ts";
import { type HttpResponse, jsonResponse, unauthorized, unavailable } from "../http/response.ts";
import type { Log } from "../log.ts";
import { browserCookie } from "../pocketpaw/browser-cookie.ts";
import type { Keyring } from "../secrets/keyring.ts";
import { SESSION, sign } from "../tokens/formats.ts";
import { pairingUntil } from "../tokens/pairing.ts";
import { sessionIdOf } from "../tokens/session-id.ts";

const WRONG_TOKEN = "Invalid master token";

export interface SessionDependencies {
  readonly keyring: Keyring;
  readonly sessionTtlHours: number;
  /** Whether PocketPaw is behind the gateway: its dashboard exchanges by script, and needs the cookie. */
  readonly setsCookie: boolean;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * `POST /api/auth/session`: exchanges the master token, or a pairing token, sent as a bearer token
 * (RFC 6750), for a session token. Responds 200, 401 or 503 and never throws.
 */
export function createSession(dependencies: SessionDependencies) {
  const { keyring, sessionTtlHours, setsCookie, now, log } = dependencies;
  return async (event: APIGatewayProxyEventV2, context?: Context): Promise<HttpResponse> => {
    const entry = { event: "session_exchange", ...requestInfoOf(event, context) } as const;
    const [credential] = findBearerTokens(event ?? {});
    if (credential === undefined) {
      log({ level: "WARN", ...entry, outcome: "refused", reason: "missing" });
      return unauthorized(WRONG_TOKEN);
    }
    try {
      const nowSeconds = Math.floor(now() / 1000);
      const accepts = ["master", "pairing"] as const;
      const decision = await authenticate([credential], keyring, accepts, nowSeconds);
      if (!decision.accepted) {
        log({ level: "WARN", ...entry, outcome: "refused", reason: decision.reason });
        return unauthorized(WRONG_TOKEN, "invalid_token");
      }
      const exp = sessionEnd(decision, nowSeconds + sessionTtlHours * 3600);
      const { method, keys } = decision;
      const token = sign(SESSION, keys.session, exp);
      const cookies = setsCookie ? [browserCookie(event, keys, exp, nowSeconds, true)] : [];
      log({ level: "INFO", ...entry, outcome: "allowed", method, sessionId: sessionIdOf(token) });
      const hours = Math.ceil((exp - nowSeconds) / 3600);
      return jsonResponse(200, { session_token: token, expires_in_hours: hours }, {}, cookies);
    } catch (error) {
      log({ level: "ERROR", ...entry, outcome: "failed", reason: secretsReason(error) });
      return unavailable();
    }
  };
}

/** A session made from a pairing token ends no later than the session that made the pairing token. */
function sessionEnd({ method, credential }: Accepted, latest: number): number {
  return method === "pairing" ? Math.min(pairingUntil(credential.token), latest) : latest;
}
