import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { contextOf } from "../auth/caller.ts";
import { type Decision, decide } from "../auth/decide.ts";
import { readOriginalRequest } from "../http/request.ts";
import { crossOrigin, type HttpResponse, jsonResponse, unauthorized } from "../http/response.ts";
import { upstreamCookie } from "../pocketpaw/token.ts";
import { sessionIdOf } from "../tokens/session-id.ts";
import type { AuthorizerDependencies } from "./authorizer.ts";
import { failed } from "./failure.ts";

/**
 * `GET /api/auth/verify`: the authorizer's decision about another request, for a reverse proxy that asks before
 * it passes that request on to PocketPaw (nginx `auth_request`, Caddy `forward_auth`). Responds 204 with the
 * `Cookie` header for PocketPaw, 401, 403, 500 or 503, and never throws.
 */
export function createVerify(dependencies: AuthorizerDependencies) {
  const { hasPocketPaw, now, log } = dependencies;
  return async (event: APIGatewayProxyEventV2, context?: Context): Promise<HttpResponse> => {
    const request = readOriginalRequest(event, context);
    const entry = { event: "verification", ...request.info } as const;
    const nowSeconds = Math.floor(now() / 1000);
    try {
      const decision = await decide(request, dependencies, true, nowSeconds);
      if (!decision.accepted) {
        const { reason, token } = decision;
        const named = token !== undefined && { sessionId: sessionIdOf(token) };
        log({ level: "WARN", ...entry, outcome: "refused", reason, ...named });
        return refusal(reason);
      }
      const { method, sessionId, expiresAt } = contextOf(decision);
      const { keys } = decision;
      log({ level: "INFO", ...entry, outcome: "allowed", method, sessionId });
      return noContent({
        "x-session-id": sessionId,
        "x-session-method": method,
        ...(expiresAt !== undefined && { "x-session-expires": expiresAt }),
        ...(hasPocketPaw && {
          "x-pocketpaw-cookie": upstreamCookie(keys.pocketPaw, decision.expiresAt, nowSeconds),
        }),
      });
    } catch (error) {
      return failed(error, entry, log);
    }
  };
}

type Reason = Exclude<Decision, { readonly accepted: true }>["reason"];

function refusal(reason: Reason): HttpResponse {
  if (reason === "cross_origin") return crossOrigin();
  if (reason === "odd_path") return jsonResponse(403, { detail: "The path is not allowed" });
  return unauthorized("Unauthorized", reason === "missing" ? undefined : "invalid_token");
}

/** RFC 9110 section 15.3.5. */
function noContent(headers: Readonly<Record<string, string>>): HttpResponse {
  return { statusCode: 204, headers: { "cache-control": "no-store", ...headers }, body: "" };
}
