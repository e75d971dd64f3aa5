import { deletedSessionCookie } from "../http/cookies.ts";
import { isAllowedOrigin } from "../http/csrf.ts";
import { crossOrigin, jsonResponse } from "../http/response.ts";
import type { Dependencies } from "./dependencies.ts";
import { httpFunction } from "./http-function.ts";

/**
 * PocketPaw's dashboard keeps a token in the browser's storage, of every tab.
 * https://www.w3.org/TR/clear-site-data/
 */
const CLEAR_STORAGE = { "clear-site-data": '"storage"' };

/**
 * `POST /api/auth/logout`, without a credential: deletes the browser's cookie and what the dashboard stored. The
 * session token itself stays valid until its exp, since nothing is stored here. Responds 200 or 403.
 */
export function createLogout({
  allowedOrigins,
  log,
}: Pick<Dependencies, "allowedOrigins" | "log">) {
  return httpFunction(log, "logout", async (request, note) => {
    if (!isAllowedOrigin(request, allowedOrigins)) {
      note({ level: "WARN", outcome: "refused", reason: "cross_origin" });
      return crossOrigin();
    }
    note({ level: "INFO", outcome: "done" });
    return jsonResponse(200, { ok: true }, CLEAR_STORAGE, [deletedSessionCookie(request.host)]);
  });
}
