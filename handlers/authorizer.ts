import type {
  APIGatewayAuthorizerResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerResult,
  APIGatewaySimpleAuthorizerWithContextResult,
  APIGatewayTokenAuthorizerEvent,
  Context,
} from "aws-lambda";
import { type Accepted, type Accepts, authenticate, type Method } from "../lib/authenticate.ts";
import { callerOf } from "../lib/caller.ts";
import { readConfig } from "../lib/config.ts";
import { findCredentials } from "../lib/credentials.ts";
import type { Keyring } from "../lib/keyring.ts";
import { type Log, writeLog } from "../lib/log.ts";
import { openKeyring, reasonOf } from "../lib/open-keyring.ts";
import { sessionIdOf } from "../lib/session-id.ts";
import { mintUpstreamCookie } from "../lib/upstream-cookie.ts";

type AuthorizerEvent =
  | APIGatewayRequestAuthorizerEventV2
  | APIGatewayRequestAuthorizerEvent
  | APIGatewayTokenAuthorizerEvent;

/** A type, not an interface: the library's own takes a record of strings. */
type AuthorizerContext = {
  readonly method: Method;
  readonly sessionId: string;
  /** Unix seconds; absent for the master token. */
  readonly expiresAt?: string;
  /** Where a PocketPaw stands behind the gateway: the `Cookie` header to send there. */
  readonly upstreamCookie?: string;
};

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
    const nowSeconds = Math.floor(now() / 1000);
    const decision = await authenticate(
      findCredentials(event ?? {}),
      keyring,
      accepts,
      nowSeconds,
    ).catch((error: unknown) => {
      const reason = reasonOf(error);
      log({ level: "ERROR", ...entry, outcome: "failed", reason });
      throw new Error(reason);
    });

    if (!decision.accepted) {
      const { reason, token } = decision;
      const sessionId = token !== undefined && { sessionId: sessionIdOf(token) };
      log({ level: "WARN", ...entry, outcome: "refused", reason, ...sessionId });
      if (isPayload2(event)) return { isAuthorized: false };
      throw new Error("Unauthorized");
    }
    const found = contextOf(decision, accepts, nowSeconds);
    const result = isPayload2(event)
      ? { isAuthorized: true, context: found }
      : allowPolicy(event.methodArn, found);
    const { method, sessionId } = found;
    log({ level: "INFO", ...entry, outcome: "allowed", method, sessionId });
    return result;
  };
}

function isPayload2(event: AuthorizerEvent): event is APIGatewayRequestAuthorizerEventV2 {
  return (event as { version?: unknown } | undefined)?.version === "2.0";
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

/** Up to the stage: `arn:<partition>:execute-api:<region>:<account>:<api id>/<stage>`. */
const API_AND_STAGE = /^arn:[^:]+:execute-api:[^:]+:[^:]+:[^:/]+\/[^:/]+(?=\/)/;

/**
 * For the whole API and stage, not for the one route asked for: API Gateway may answer other routes
 * from this result's cache. A WebSocket's `$connect` matches it too.
 */
function allowPolicy(methodArn: string, context: AuthorizerContext): APIGatewayAuthorizerResult {
  const apiAndStage = API_AND_STAGE.exec(methodArn)?.[0];
  if (apiAndStage === undefined) throw new Error("methodArn is not the ARN of an API's method");
  return {
    principalId: context.sessionId,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: `${apiAndStage}/*` }],
    },
    context: { ...context },
  };
}

const config = readConfig();
export const handler = createHandler({
  keyring: await openKeyring(config, writeLog),
  accepts: { master: config.acceptMasterToken, native: config.acceptNativeTokens },
  now: Date.now,
  log: writeLog,
});
