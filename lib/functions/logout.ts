import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { deletedSessionCookie } from "../http/cookies.ts";
import { isAllowedOrigin } from "../http/csrf.ts";
import { readRequest } from "../http/request.ts";
import { crossOrigin, type HttpResponse, jsonResponse } from "../http/response.ts";
import type { Dependencies } from "./dependencies.ts";

/**
 * PocketPaw's dashboard keeps a token in the browser's storage, of every tab.
 * https://www.w3.org/TR/clear-site-data/
 */
const CLEAR_STORAGE = { "clear-site-data": '"storage"' };

type LogoutDependencies = Pick<Dependencies, "allowedOrigins" | "log">;

/**
 * `POST /api/auth/logout`, without a credential: deletes the browser's cookie and what the dashboard stored. The
 * session token itself stays valid until its exp, since nothing is stored here. Responds 200 or 403 and never
 * throws.
 */
export function createLogout({ allowedOrigins, log }: LogoutDependencies) {
  return async (event: APIGatewayProxyEventV2, context?: Context): Promise<HttpResponse> => {
    const request = readRequest(event, context);
    const entry = { event: "logout", ...request.info } as const;
    if (!isAllowedOrigin(request, allowedOrigins)) {
      log({ level: "WARN", ...entry, outcome: "refused", reason: "cross_origin" });
      return crossOrigin();
    }
    log({ level: "INFO", ...entry, outcome: "done" });
    return jsonResponse(200, { ok: true }, CLEAR_STORAGE, [deletedSessionCookie(request.host)]);
  };
}
