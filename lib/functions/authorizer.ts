import type {
  APIGatewayAuthorizerResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerResult,
  APIGatewaySimpleAuthorizerWithContextResult,
  APIGatewayTokenAuthorizerEvent,
  Context,
} from "aws-lambda";
import { type Accepted, authenticate, type Method, type Refused } from "../auth/authenticate.ts";
import type { AuthorizerContext } from "../auth/authorizer-context.ts";
import { type RefusalReason, secretsReason } from "../errors.ts";
import { type Credential, findCredentials } from "../http/credentials.ts";
import { mayUseCookie } from "../http/csrf.ts";
import { fieldOf } from "../http/fields.ts";
import { requestInfoOf } from "../http/request-info.ts";
import type { Log } from "../log.ts";
import { mintUpstreamCookie } from "../pocketpaw/cookie.ts";
import type { Keyring } from "../secrets/keyring.ts";
import { sessionIdOf } from "../tokens/session-id.ts";

type AuthorizerEvent =
  | APIGatewayRequestAuthorizerEventV2
  | APIGatewayRequestAuthorizerEvent
  | APIGatewayTokenAuthorizerEvent;

type AuthorizerResult =
  | APIGatewaySimpleAuthorizerResult
  | APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>
  | APIGatewayAuthorizerResult;

export interface AuthorizerDependencies {
  readonly keyring: Keyring;
  /** The kinds of credential that count. With `native`, PocketPaw is behind the gateway. */
  readonly accepts: readonly Method[];
  /** Origins whose pages may use the cookie, beside the request's own. */
  readonly allowedOrigins: readonly string[];
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/** The kinds of credential that the settings allow. */
export function acceptedMethods(settings: {
  readonly acceptMasterToken: boolean;
  readonly acceptNativeTokens: boolean;
}): readonly Method[] {
  const { acceptMasterToken, acceptNativeTokens } = settings;
  return [
    "session",
    "pairing",
    ...(acceptMasterToken ? (["master"] as const) : []),
    ...(acceptNativeTokens ? (["native"] as const) : []),
  ];
}

/**
 * The Lambda authorizer, for every kind of API that API Gateway has. An HTTP API with payload 2.0
 * gets simple responses; all others get an IAM policy, and 401 by a thrown `Unauthorized`.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 *
 * The handler throws when the secrets cannot be read: API Gateway then responds 500 and allows no request.
 */
export function createAuthorizer(dependencies: AuthorizerDependencies) {
  const { keyring, accepts, allowedOrigins, now, log } = dependencies;
  return async (event: AuthorizerEvent, context?: Context): Promise<AuthorizerResult> => {
    const entry = { event: "authorization", ...requestInfoOf(event, context) } as const;
    const results = resultsFor(event);
    if (results === undefined) {
      log({ level: "ERROR", ...entry, outcome: "refused", reason: "malformed_event" });
      throw new Error("Unauthorized");
    }
    const nowSeconds = Math.floor(now() / 1000);
    const check = (credentials: readonly Credential[]) =>
      authenticate(credentials, keyring, accepts, nowSeconds);
    const decision = await decide(event, allowedOrigins, check).catch((error: unknown) => {
      const reason = secretsReason(error);
      log({ level: "ERROR", ...entry, outcome: "failed", reason });
      throw new Error(reason);
    });
    if (!decision.accepted) {
      const { reason, token } = decision;
      const named = token !== undefined && { sessionId: sessionIdOf(token) };
      log({ level: "WARN", ...entry, outcome: "refused", reason, ...named });
      return results.refuse();
    }
    const found = contextOf(decision, accepts, nowSeconds);
    const { method, sessionId } = found;
    log({ level: "INFO", ...entry, outcome: "allowed", method, sessionId });
    return results.allow(found);
  };
}

type Decision = Accepted | (Omit<Refused, "reason"> & { readonly reason: RefusalReason });

/** Decides about all credentials of a request; about the cookie, only where it may count. */
async function decide(
  event: AuthorizerEvent,
  allowedOrigins: readonly string[],
  check: (credentials: readonly Credential[]) => Promise<Accepted | Refused>,
): Promise<Decision> {
  const credentials = findCredentials(event);
  const decision = await check(credentials);
  const isByCookie = decision.accepted && decision.credential.source === "cookie";
  if (!isByCookie || mayUseCookie(event, allowedOrigins)) return decision;
  // Another one may be valid too: under the previous HMAC key or new secrets, which are tried last.
  const others = await check(credentials.filter(({ source }) => source !== "cookie"));
  if (others.accepted) return others;
  return { accepted: false, reason: "cross_origin", token: decision.credential.token };
}

/** How the API that asked expects the decision. */
interface Results {
  readonly allow: (context: AuthorizerContext) => AuthorizerResult;
  readonly refuse: () => AuthorizerResult;
}

/** Up to the stage: `arn:<partition>:execute-api:<region>:<account>:<api id>/<stage>`. */
const API_AND_STAGE = /^arn:[^:]+:execute-api:[^:]+:[^:]+:[^:/]+\/[^:/]+(?=\/)/;

/** Undefined for what is not an authorizer's event. */
function resultsFor(event: AuthorizerEvent): Results | undefined {
  if (fieldOf(event, "version") === "2.0") {
    return {
      allow: (context) => ({ isAuthorized: true, context }),
      refuse: () => ({ isAuthorized: false }),
    };
  }
  const methodArn = fieldOf(event, "methodArn");
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
 * For the whole API and stage, not for the one route: API Gateway may use a cached result for other
 * routes. A WebSocket API's `$connect` matches it too.
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
function contextOf(
  accepted: Accepted,
  accepts: readonly Method[],
  nowSeconds: number,
): AuthorizerContext {
  const { method, credential, expiresAt, keys } = accepted;
  return {
    method,
    sessionId: sessionIdOf(credential.token),
    masterTokenVersion: keys.masterTokenVersion,
    ...(expiresAt !== undefined && { expiresAt: String(expiresAt) }),
    ...(accepts.includes("native") && { upstreamCookie: mintUpstreamCookie(accepted, nowSeconds) }),
  };
}
