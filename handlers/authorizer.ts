import type {
  APIGatewayAuthorizerResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerResult,
  APIGatewaySimpleAuthorizerWithContextResult,
  APIGatewayTokenAuthorizerEvent,
  Context,
} from "aws-lambda";
import { type Accepted, type Accepts, authenticate } from "../lib/auth/authenticate.ts";
import type { AuthorizerContext } from "../lib/auth/authorizer-context.ts";
import { readConfig } from "../lib/config/keyring.ts";
import { findCredentials } from "../lib/http/credentials.ts";
import { callerOf } from "../lib/http/request-info.ts";
import { type Log, writeLog } from "../lib/log.ts";
import { mintUpstreamCookie } from "../lib/pocketpaw/cookie.ts";
import type { Keyring } from "../lib/secrets/keyring.ts";
import { openKeyring, reasonOf } from "../lib/secrets/open-keyring.ts";
import { sessionIdOf } from "../lib/tokens/session-id.ts";

type AuthorizerEvent =
  | APIGatewayRequestAuthorizerEventV2
  | APIGatewayRequestAuthorizerEvent
  | APIGatewayTokenAuthorizerEvent;

type AuthorizerResult =
  | APIGatewaySimpleAuthorizerResult
  | APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>
  | APIGatewayAuthorizerResult;

interface Dependencies {
  readonly keyring: Keyring;
  readonly accepts: Accepts;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * The Lambda authorizer, for every kind of API that API Gateway has. HTTP API payload 2.0 takes
 * simple responses; all others take an IAM policy, and 401 by a thrown `Unauthorized`.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 *
 * Throws when the secrets cannot be read: API Gateway then answers 500 and lets nobody in.
 */
export function createHandler({ keyring, accepts, now, log }: Dependencies) {
  return async (event: AuthorizerEvent, context?: Context): Promise<AuthorizerResult> => {
    const entry = { event: "authorization", ...callerOf(event, context) };
    const answers = answersFor(event);
    if (answers === undefined) {
      log({ level: "ERROR", ...entry, outcome: "refused", reason: "malformed_event" });
      throw new Error("Unauthorized");
    }
    const nowSeconds = Math.floor(now() / 1000);
    const decision = await authenticate(findCredentials(event), keyring, accepts, nowSeconds).catch(
      (error: unknown) => {
        const reason = reasonOf(error);
        log({ level: "ERROR", ...entry, outcome: "failed", reason });
        throw new Error(reason);
      },
    );
    if (!decision.accepted) {
      const { reason, token } = decision;
      const sessionId = token !== undefined && { sessionId: sessionIdOf(token) };
      log({ level: "WARN", ...entry, outcome: "refused", reason, ...sessionId });
      return answers.refuse();
    }
    const found = contextOf(decision, accepts, nowSeconds);
    const { method, sessionId } = found;
    log({ level: "INFO", ...entry, outcome: "allowed", method, sessionId });
    return answers.allow(found);
  };
}

/** How the API that asked wants to be told. */
interface Answers {
  readonly allow: (context: AuthorizerContext) => AuthorizerResult;
  readonly refuse: () => AuthorizerResult;
}

/** Up to the stage: `arn:<partition>:execute-api:<region>:<account>:<api id>/<stage>`. */
const API_AND_STAGE = /^arn:[^:]+:execute-api:[^:]+:[^:]+:[^:/]+\/[^:/]+(?=\/)/;

/** Undefined for what is no event of an authorizer. */
function answersFor(event: AuthorizerEvent): Answers | undefined {
  const { version, methodArn }: { version?: unknown; methodArn?: unknown } = { ...event };
  if (version === "2.0") {
    return {
      allow: (context) => ({ isAuthorized: true, context }),
      refuse: () => ({ isAuthorized: false }),
    };
  }
  const apiAndStage = typeof methodArn === "string" && API_AND_STAGE.exec(methodArn)?.[0];
  if (!apiAndStage) return undefined;
  return {
    allow: (context) => allowPolicy(apiAndStage, context),
    refuse: () => {
      throw new Error("Unauthorized");
    },
  };
}

/**
 * For the whole API and stage, not for the one route asked for: API Gateway may answer other routes
 * from this result's cache. A WebSocket's `$connect` matches it too.
 */
function allowPolicy(apiAndStage: string, context: AuthorizerContext): APIGatewayAuthorizerResult {
  const Resource = `${apiAndStage}/*`;
  return {
    principalId: context.sessionId,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource }],
    },
    context: { ...context },
  };
}

/** What routes see of the caller. */
function contextOf(accepted: Accepted, accepts: Accepts, nowSeconds: number): AuthorizerContext {
  const { method, token, expiresAt } = accepted;
  return {
    method,
    sessionId: sessionIdOf(token),
    ...(expiresAt !== undefined && { expiresAt: String(expiresAt) }),
    ...(accepts.native && { upstreamCookie: mintUpstreamCookie(accepted, nowSeconds) }),
  };
}

const config = readConfig();
export const handler = createHandler({
  keyring: await openKeyring(config, writeLog),
  accepts: { master: config.acceptMasterToken, native: config.acceptNativeTokens },
  now: Date.now,
  log: writeLog,
});
