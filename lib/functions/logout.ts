import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { deletedSessionCookie } from "../http/cookies.ts";
import { isAllowedOrigin } from "../http/csrf.ts";
import { requestInfoOf } from "../http/request-info.ts";
import { crossOrigin, type HttpResponse, jsonResponse } from "../http/response.ts";
import type { Log } from "../log.ts";

export interface LogoutDependencies {
  /** Origins whose pages may log out, beside the request's own. */
  readonly allowedOrigins: readonly string[];
  readonly log: Log;
}

/**
 * `POST /api/auth/logout`, without a credential: deletes the browser's cookie. The session token
 * itself stays valid until its exp, since nothing is stored. Responds 200 or 403 and never throws.
 */
export function createLogout({ allowedOrigins, log }: LogoutDependencies) {
  return async (event: APIGatewayProxyEventV2, context?: Context): Promise<HttpResponse> => {
    const entry = { event: "logout", ...requestInfoOf(event, context) } as const;
    if (!isAllowedOrigin(event, allowedOrigins)) {
      log({ level: "WARN", ...entry, outcome: "refused", reason: "cross_origin" });
      return crossOrigin();
    }
    log({ level: "INFO", ...entry, outcome: "done" });
    return jsonResponse(200, { ok: true }, {}, [deletedSessionCookie(event)]);
  };
}
