import { type Accepted, authenticate } from "../auth/authenticate.ts";
import { readJsonBody } from "../http/body.ts";
import { sessionCookie } from "../http/cookies.ts";
import { isAllowedOrigin } from "../http/csrf.ts";
import { fieldOf } from "../http/fields.ts";
import { crossOrigin, jsonResponse, unauthorized } from "../http/response.ts";
import { SESSION, sign } from "../tokens/formats.ts";
import { pairingUntil } from "../tokens/pairing.ts";
import { sessionIdOf } from "../tokens/session-id.ts";
import type { Dependencies } from "./dependencies.ts";
import { httpFunction } from "./http-function.ts";

/** A master token has 36 characters; what is larger is not meant as a login. */
const MAX_BODY_BYTES = 8 * 1024;

type LoginDependencies = Omit<Dependencies, "acceptsMasterToken" | "hasPocketPaw">;

/**
 * `POST /api/auth/login` with `{"token": "<master, pairing or session token>"}`: starts a browser session, whose
 * token is only in the cookie. Responds 200, 400, 401, 403, 413, 500 or 503.
 */
export function createLogin(dependencies: LoginDependencies) {
  const { keyring, sessionTtlHours, allowedOrigins, now, log } = dependencies;
  return httpFunction(log, "login", async (request, note) => {
    // A page of another origin could log its visitor in to a session that it knows (login CSRF).
    if (!isAllowedOrigin(request, allowedOrigins)) {
      note({ level: "WARN", outcome: "refused", reason: "cross_origin" });
      return crossOrigin();
    }
    const body = readJsonBody(request, MAX_BODY_BYTES);
    if ("reason" in body) {
      note({ level: "WARN", outcome: "refused", reason: body.reason });
      return body.reason === "body_too_large"
        ? jsonResponse(413, { detail: `The body is over ${MAX_BODY_BYTES} bytes` })
        : jsonResponse(400, { detail: "Invalid JSON body" });
    }
    const field = fieldOf(body.object, "token");
    // A byte order mark counts as white space here (ECMA-262, WhiteSpace).
    const token = typeof field === "string" ? field.trim() : "";
    const nowSeconds = Math.floor(now() / 1000);
    const credentials = token === "" ? [] : [{ token, source: "body" } as const];
    const accepts = ["master", "pairing", "session"] as const;
    const decision = await authenticate(credentials, keyring, accepts, nowSeconds);
    if (!decision.accepted) {
      note({ level: "WARN", outcome: "refused", reason: decision.reason });
      return unauthorized("Invalid access token");
    }
    const session = sessionOf(decision, nowSeconds + sessionTtlHours * 3600);
    const cookie = sessionCookie(request.host, session.token, session.exp - nowSeconds);
    const sessionId = sessionIdOf(session.token);
    note({ level: "INFO", outcome: "allowed", method: decision.method, sessionId });
    return jsonResponse(200, { ok: true }, {}, [cookie]);
  });
}

/**
 * The session that a login starts. A session token becomes the cookie as it is; what a pairing token opens
 * ends no later than the session that made it.
 *
 * @param latest unix seconds
 */
function sessionOf(
  { method, credential, expiresAt, keys }: Accepted,
  latest: number,
): { readonly token: string; readonly exp: number } {
  const { token } = credential;
  if (method === "session") return { token, exp: expiresAt ?? latest };
  const exp = method === "pairing" ? Math.min(pairingUntil(token), latest) : latest;
  return { token: sign(SESSION, keys.session, exp), exp };
}
