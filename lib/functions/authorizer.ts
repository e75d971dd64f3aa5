import type {
  APIGatewayAuthorizerResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerResult,
  APIGatewaySimpleAuthorizerWithContextResult,
  APIGatewayTokenAuthorizerEvent,
  Context,
} from "aws-lambda";
import type { AuthorizerContext } from "../auth/caller.ts";
import { type Request, readRequest } from "../http/request.ts";
import { type DecisionDependencies, decideAndLog } from "./decide-and-log.ts";
import { noteFailure, noteOf } from "./http-function.ts";

type AuthorizerEvent =
  | APIGatewayRequestAuthorizerEventV2
  | APIGatewayRequestAuthorizerEvent
  | APIGatewayTokenAuthorizerEvent;

type AuthorizerResult =
  | APIGatewaySimpleAuthorizerResult
  | APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>
  | APIGatewayAuthorizerResult;

/** The routes behind which PocketPaw is: its own, and regeneration, which asks it for the new master token. */
const REACHES_POCKETPAW = /\/api\/\{proxy\+\}$|^POST \/api(\/v1)?\/token\/regenerate$/;

/**
 * The Lambda authorizer, for every kind of API that API Gateway has. An HTTP API with payload 2.0
 * gets simple responses; all others get an IAM policy, and 401 by a thrown `Unauthorized`.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 *
 * The handler throws when nothing can be decided: API Gateway then responds 500 and allows no request.
 */
export function createAuthorizer(dependencies: DecisionDependencies) {
  return async (event: AuthorizerEvent, context?: Context): Promise<AuthorizerResult> => {
    const request = readRequest(event, context);
    const note = noteOf(dependencies.log, "authorization", request);
    const results = resultsFor(request);
    if (results === undefined) {
      note({ level: "ERROR", outcome: "refused", reason: "malformed_event" });
      throw new Error("Unauthorized");
    }
    const reachesPocketPaw = REACHES_POCKETPAW.test(request.routeKey ?? "");
    const decision = await decideAndLog(request, reachesPocketPaw, dependencies, note).catch(
      (error: unknown) => {
        throw new Error(noteFailure(error, note));
      },
    );
    return "refusal" in decision ? results.refuse() : results.allow(decision);
  };
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
