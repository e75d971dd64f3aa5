import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { authenticateMaster } from "../lib/auth/authenticate.ts";
import { readConfig } from "../lib/config/keyring.ts";
import { findBearerTokens } from "../lib/http/credentials.ts";
import { callerOf } from "../lib/http/request-info.ts";
import { type Answer, answer, unauthorized, unavailable } from "../lib/http/response.ts";
import { type Log, writeLog } from "../lib/log.ts";
import type { Keyring } from "../lib/secrets/keyring.ts";
import { openKeyring, reasonOf } from "../lib/secrets/open-keyring.ts";
import { SESSION, sign } from "../lib/tokens/formats.ts";
import { sessionIdOf } from "../lib/tokens/session-id.ts";

const WRONG_TOKEN = "Invalid master token";

interface Dependencies {
  readonly keyring: Keyring;
  readonly sessionTtlHours: number;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * `POST /api/auth/session`: the master token, as a bearer token, for a session token. Answers 200,
 * 401 or 503 and never throws.
 */
export function createHandler({ keyring, sessionTtlHours, now, log }: Dependencies) {
  return async (event: APIGatewayProxyEventV2, context?: Context): Promise<Answer> => {
    const entry = { event: "session_exchange", ...callerOf(event, context) };
    const [token] = findBearerTokens(event ?? {});
    if (token === undefined) {
      log({ level: "WARN", ...entry, outcome: "refused", reason: "missing" });
      return unauthorized(WRONG_TOKEN);
    }
    try {
      const decision = await authenticateMaster(token, keyring);
      if (!decision.accepted) {
        log({ level: "WARN", ...entry, outcome: "refused", reason: decision.reason });
        return unauthorized(WRONG_TOKEN, "invalid_token");
      }
      const exp = Math.floor(now() / 1000) + sessionTtlHours * 3600;
      const sessionToken = sign(SESSION, decision.keys.session, exp);
      log({ level: "INFO", ...entry, outcome: "allowed", sessionId: sessionIdOf(sessionToken) });
      return answer(200, { session_token: sessionToken, expires_in_hours: sessionTtlHours });
    } catch (error) {
      log({ level: "ERROR", ...entry, outcome: "failed", reason: reasonOf(error) });
      return unavailable();
    }
  };
}

const config = readConfig();
export const handler = createHandler({
  keyring: await openKeyring(config, writeLog),
  sessionTtlHours: config.sessionTtlHours,
  now: Date.now,
  log: writeLog,
});
