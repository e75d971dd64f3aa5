import type { RefusalReason } from "../errors.ts";
import { readOriginalRequest } from "../http/request.ts";
import { crossOrigin, type HttpResponse, jsonResponse, unauthorized } from "../http/response.ts";
import { type DecisionDependencies, decideAndLog } from "./decide-and-log.ts";
import { httpFunction } from "./http-function.ts";

/**
 * `GET /api/auth/verify`: the authorizer's decision about another request, for a reverse proxy that asks before
 * it passes that request on to PocketPaw (nginx `auth_request`, Caddy `forward_auth`). Responds 204 with the
 * `Cookie` header for PocketPaw, 401, 403, 500 or 503.
 */
export function createVerify(dependencies: DecisionDependencies) {
  return httpFunction(
    dependencies.log,
    "verification",
    async (request, note) => {
      const decision = await decideAndLog(request, true, dependencies, note);
      if ("refusal" in decision) return refused(decision.refusal);
      const { sessionId, method, expiresAt, upstreamCookie } = decision;
      // RFC 9110 section 15.3.5
      return {
        statusCode: 204,
        headers: {
          "cache-control": "no-store",
          "x-session-id": sessionId,
          "x-session-method": method,
          ...(expiresAt !== undefined && { "x-session-expires": expiresAt }),
          ...(upstreamCookie !== undefined && { "x-pocketpaw-cookie": upstreamCookie }),
        },
        body: "",
      };
    },
    readOriginalRequest,
  );
}

function refused(reason: RefusalReason): HttpResponse {
  if (reason === "cross_origin") return crossOrigin();
  if (reason === "odd_path") return jsonResponse(403, { detail: "The path is not allowed" });
  return unauthorized("Unauthorized", reason === "missing" ? undefined : "invalid_token");
}
