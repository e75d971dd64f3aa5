import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { authenticate } from "../auth/authenticate.ts";
import { secretsReason } from "../errors.ts";
import { readJsonBody } from "../http/body.ts";
import { isAllowedOrigin } from "../http/csrf.ts";
import { fieldOf } from "../http/fields.ts";
import { requestInfoOf } from "../http/request-info.ts";
import {
  crossOrigin,
  type HttpResponse,
  jsonResponse,
  unauthorized,
  unavailable,
} from "../http/response.ts";
import type { Log } from "../log.ts";
import { browserCookie } from "../pocketpaw/browser-cookie.ts";
import type { Keyring } from "../secrets/keyring.ts";

/** A master token has 36 characters; what is larger is not meant as a login. */
const MAX_BODY_BYTES = 8 * 1024;

export interface LoginDependencies {
  readonly keyring: Keyring;
  readonly sessionTtlHours: number;
  /** Whether PocketPaw is behind the gateway: the cookie then holds a PocketPaw token. */
  readonly isNative: boolean;
  /** Origins whose pages may log in, beside the request's own. */
  readonly allowedOrigins: readonly string[];
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * `POST /api/auth/login` with `{"token": "<master token>"}`: starts a browser session, whose token is
 * only in the cookie. Responds 200, 400, 401, 403, 413 or 503 and never throws.
 */
export function createLogin(dependencies: LoginDependencies) {
  const { keyring, sessionTtlHours, isNative, allowedOrigins, now, log } = dependencies;
  return async (event: APIGatewayProxyEventV2, context?: Context): Promise<HttpResponse> => {
    const entry = { event: "login", ...requestInfoOf(event, context) } as const;
    // A page of another origin could log its visitor in to a session that it knows (login CSRF).
    if (!isAllowedOrigin(event, allowedOrigins)) {
      log({ level: "WARN", ...entry, outcome: "refused", reason: "cross_origin" });
      return crossOrigin();
    }
    const body = readJsonBody(event, MAX_BODY_BYTES);
    if ("reason" in body) {
      log({ level: "WARN", ...entry, outcome: "refused", reason: body.reason });
      return body.reason === "body_too_large"
        ? jsonResponse(413, { detail: `The body is over ${MAX_BODY_BYTES} bytes` })
        : jsonResponse(400, { detail: "Invalid JSON body" });
    }
    const field = fieldOf(body.object, "token");
    const token = typeof field === "string" ? field.trim() : "";
    const nowSeconds = Math.floor(now() / 1000);
    try {
      const credentials = token === "" ? [] : [{ token, source: "body" } as const];
      const decision = await authenticate(credentials, keyring, ["master"], nowSeconds);
      if (!decision.accepted) {
        log({ level: "WARN", ...entry, outcome: "refused", reason: decision.reason });
        return unauthorized("Invalid access token");
      }
      const exp = nowSeconds + sessionTtlHours * 3600;
      const cookie = browserCookie(event, decision.keys, exp, nowSeconds, isNative);
      log({ level: "INFO", ...entry, outcome: "allowed", method: decision.method });
      return jsonResponse(200, { ok: true }, {}, [cookie]);
    } catch (error) {
      log({ level: "ERROR", ...entry, outcome: "failed", reason: secretsReason(error) });
      return unavailable();
    }
  };
}
