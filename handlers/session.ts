import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { type Answer, answer, unauthorized, unavailable } from "../lib/answer.ts";
import { authenticateMaster } from "../lib/authenticate.ts";
import { callerOf } from "../lib/caller.ts";
import { readConfig } from "../lib/config.ts";
import { findBearerTokens } from "../lib/credentials.ts";
import type { Keyring } from "../lib/keyring.ts";
import { type Log, writeLog } from "../lib/log.ts";
import { openKeyring, reasonOf } from "../lib/open-keyring.ts";
import { sessionIdOf } from "../lib/session-id.ts";
import { SESSION, sign } from "../lib/token.ts";

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
