import type {
  APIGatewayAuthorizerResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerResult,
  APIGatewaySimpleAuthorizerWithContextResult,
  APIGatewayTokenAuthorizerEvent,
  Context,
} from "aws-lambda";
import { type AuthorizerContext, contextOf } from "../auth/caller.ts";
import { type Decision, decide } from "../auth/decide.ts";
import { failureReasonOf } from "../errors.ts";
import { type Request, readRequest } from "../http/request.ts";
import { upstreamCookie } from "../pocketpaw/token.ts";
import { sessionIdOf } from "../tokens/session-id.ts";
import type { Dependencies } from "./dependencies.ts";

type AuthorizerEvent =
  | APIGatewayRequestAuthorizerEventV2
  | APIGatewayRequestAuthorizerEvent
  | APIGatewayTokenAuthorizerEvent;

type AuthorizerResult =
  | APIGatewaySimpleAuthorizerResult
  | APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>
  | APIGatewayAuthorizerResult;

/** What the decision about a request is made of, here and in verify.ts. */
export type AuthorizerDependencies = Omit<Dependencies, "sessionTtlHours">;

/**
 * The Lambda authorizer, for every kind of API that API Gateway has. An HTTP API with payload 2.0
 * gets simple responses; all others get an IAM policy, and 401 by a thrown `Unauthorized`.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 *
 * The handler throws when nothing can be decided: API Gateway then responds 500 and allows no request.
 */
export function createAuthorizer(dependencies: AuthorizerDependencies) {
  const { hasPocketPaw, now, log } = dependencies;
  return async (event: AuthorizerEvent, context?: Context): Promise<AuthorizerResult> => {
    const request = readRequest(event, context);
    const entry = { event: "authorization", ...request.info } as const;
    const results = resultsFor(request);
    if (results === undefined) {
      log({ level: "ERROR", ...entry, outcome: "refused", reason: "malformed_event" });
      throw new Error("Unauthorized");
    }
    const nowSeconds = Math.floor(now() / 1000);
    const isForPocketPaw = request.routeKey?.endsWith("/api/{proxy+}") ?? false;
    let decision: Decision;
    try {
      decision = await decide(request, dependencies, isForPocketPaw, nowSeconds);
    } catch (error) {
      const details = failureReasonOf(error);
      log({ level: "ERROR", ...entry, outcome: "failed", ...details });
      throw new Error(details.reason);
    }
    if (!decision.accepted) {
      const { reason, token } = decision;
      const named = token !== undefined && { sessionId: sessionIdOf(token) };
      log({ level: "WARN", ...entry, outcome: "refused", reason, ...named });
      return results.refuse();
    }
    const found = contextOf(decision);
    const { method, sessionId } = found;
    log({ level: "INFO", ...entry, outcome: "allowed", method, sessionId });
    if (!hasPocketPaw || !(isForPocketPaw || isRegeneration(request))) return results.allow(found);
    const cookie = upstreamCookie(decision.keys.pocketPaw, decision.expiresAt, nowSeconds);
    return results.allow({ ...found, upstreamCookie: cookie });
  };
}

/** Regeneration asks PocketPaw for the new master token. */
function isRegeneration({ routeKey = "" }: Request): boolean {
  return /^POST \/api(\/v1)?\/token\/regenerate$/.test(routeKey);
}

/** How the API that asked expects the decision. */
interface Results {
  readonly allow: (context: AuthorizerContext) => AuthorizerResult;
  readonly refuse: () => AuthorizerResult;
}

/** Up to the stage: `arn:<partition>:execute-api:<region>:<account>:<api id>/<stage>`. */
const API_AND_STAGE = /^arn:[^:]+:execute-api:[^:]+:[^:]+:[^:/]+\/[^:/]+(?=\/)/;

/** Undefined for what is not an authorizer's event. */
function resultsFor({ version, methodArn = "" }: Request): Results | undefined {
  if (version === "2.0") {
    return {
      allow: (context) => ({ isAuthorized: true, context }),
      refuse: () => ({ isAuthorized: false }),
    };
  }
  const apiAndStage = API_AND_STAGE.exec(methodArn)?.[0];
  if (apiAndStage === undefined) return undefined;
  // For the whole API and stage, not for the one route: API Gateway may use a cached result for other
  // routes. A WebSocket API's `$connect` matches it too.
  const Resource = `${apiAndStage}/*`;
  const statement = { Action: "execute-api:Invoke", Effect: "Allow", Resource } as const;
  return {
    allow: (context) => ({
      principalId: context.sessionId,
      policyDocument: { Version: "2012-10-17", Statement: [statement] },
      context: { ...context },
    }),
    refuse: () => {
      throw new Error("Unauthorized");
    },
  };
}
