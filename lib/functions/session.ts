import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { authenticate } from "../auth/authenticate.ts";
import { sessionCookie } from "../http/cookies.ts";
import { readRequest } from "../http/request.ts";
import { type HttpResponse, jsonResponse, unauthorized } from "../http/response.ts";
import { SESSION, sign } from "../tokens/formats.ts";
import { sessionIdOf } from "../tokens/session-id.ts";
import type { Dependencies } from "./dependencies.ts";
import { failed } from "./failure.ts";

const WRONG_TOKEN = "Invalid master token";

type SessionDependencies = Pick<
  Dependencies,
  "keyring" | "sessionTtlHours" | "hasPocketPaw" | "now" | "log"
>;

/**
 * `POST /api/auth/session`: exchanges the master token, sent as a bearer token (RFC 6750), for a session
 * token. Responds 200, 401, 500 or 503 and never throws.
 */
export function createSession(dependencies: SessionDependencies) {
  const { keyring, sessionTtlHours, hasPocketPaw, now, log } = dependencies;
  return async (event: APIGatewayProxyEventV2, context?: Context): Promise<HttpResponse> => {
    const { info, host, credentials } = readRequest(event, context);
    const entry = { event: "session_exchange", ...info } as const;
    const bearer = credentials.filter(({ source }) => source === "authorization").slice(0, 1);
    try {
      const nowSeconds = Math.floor(now() / 1000);
      const decision = await authenticate(bearer, keyring, ["master"], nowSeconds);
      if (!decision.accepted) {
        const { reason } = decision;
        log({ level: "WARN", ...entry, outcome: "refused", reason });
        return unauthorized(WRONG_TOKEN, reason === "missing" ? undefined : "invalid_token");
      }
      const { method, keys } = decision;
      const seconds = sessionTtlHours * 3600;
      const token = sign(SESSION, keys.session, nowSeconds + seconds);
      const cookies = hasPocketPaw ? [sessionCookie(host, token, seconds)] : [];
      log({ level: "INFO", ...entry, outcome: "allowed", method, sessionId: sessionIdOf(token) });
      const body = { session_token: token, expires_in_hours: sessionTtlHours };
      return jsonResponse(200, body, {}, cookies);
    } catch (error) {
      return failed(error, entry, log);
    }
  };
}
