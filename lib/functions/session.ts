import { authenticate } from "../auth/authenticate.ts";
import { sessionCookie } from "../http/cookies.ts";
import { jsonResponse, unauthorized } from "../http/response.ts";
import { SESSION, sign } from "../tokens/formats.ts";
import { sessionIdOf } from "../tokens/session-id.ts";
import type { Dependencies } from "./dependencies.ts";
import { httpFunction } from "./http-function.ts";

type SessionDependencies = Omit<Dependencies, "acceptsMasterToken" | "allowedOrigins">;

/**
 * `POST /api/auth/session`: exchanges the master token, sent as a bearer token (RFC 6750), for a session
 * token. Responds 200, 401, 500 or 503.
 */
export function createSession(dependencies: SessionDependencies) {
  const { keyring, sessionTtlHours, hasPocketPaw, now, log } = dependencies;
  return httpFunction(log, "session_exchange", async ({ host, credentials }, note) => {
    const bearer = credentials.filter(({ source }) => source === "authorization").slice(0, 1);
    const nowSeconds = Math.floor(now() / 1000);
    const decision = await authenticate(bearer, keyring, ["master"], nowSeconds);
    if (!decision.accepted) {
      const { reason } = decision;
      note({ level: "WARN", outcome: "refused", reason });
      const error = reason === "missing" ? undefined : "invalid_token";
      return unauthorized("Invalid master token", error);
    }
    const { method, keys } = decision;
    const seconds = sessionTtlHours * 3600;
    const token = sign(SESSION, keys.session, nowSeconds + seconds);
    const cookies = hasPocketPaw ? [sessionCookie(host, token, seconds)] : [];
    note({ level: "INFO", outcome: "allowed", method, sessionId: sessionIdOf(token) });
    const body = { session_token: token, expires_in_hours: sessionTtlHours };
    return jsonResponse(200, body, {}, cookies);
  });
}
