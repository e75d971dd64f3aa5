import type { Ask, Check, Checks } from "../check.ts";
import { bearer, jsonOf, sessionCookies } from "../client.ts";
import { FOREIGN_ORIGIN, loginWith } from "../gateway.ts";

const REFUSED = [307, 400, 401, 403, 404, 405];

const each = (paths: string, ask: (path: string) => Ask) => paths.trim().split(/\s+/).map(ask);

/**
 * A login with a foreign `Origin` tells whose it is: the gateway's refuses it, PocketPaw's does not look. An
 * exchange tells it by its token. The bearer token lets either pass the authorizer. The third list goes without a
 * credential.
 */
function spellings(logins: string, exchanges: string, others: string): Check {
  return {
    asks: ({ session, masterToken }) => {
      const headers = { ...bearer(session.token), origin: FOREIGN_ORIGIN };
      return [
        ...each(logins, (path) => [REFUSED, loginWith(masterToken, path), headers, `POST ${path}`]),
        ...each(exchanges, (path) => [[200, ...REFUSED], `POST ${path}`, bearer(masterToken)]),
        ...each(others, (path) => [REFUSED, `GET ${path}`]),
      ];
    },
    also: (reply) => [
      sessionCookies(reply).some(({ name }) => name === "pocketpaw_session") &&
        "PocketPaw's cookie",
      // The gateway's own exchange is as good in another spelling.
      reply.status === 200 &&
        !String(jsonOf(reply).session_token).startsWith("session:") &&
        "PocketPaw's response",
    ],
  };
}

/** Starlette's `$` matches before a newline, and httptools cuts a path at `#`. */
const ODD = `/api/identity%0A /api/identity%23x /api/identity%3Fx /api/identity%00 /api/identity%5C /api/identity%7F
  /api/%252e%252e/identity /api/a%2F%2Fb /api/qr%0A /api/token/regenerate%0A /api/v1/files/browse%0A
  /api/v1/oauth/integrations/callback%0A /api/v1/events/stream%0A /api/v1/files/browse%23x`;

export const PATHS: Checks = {
  "encoded-path": spellings(
    `/api/auth%2Flogin /api/auth%252Flogin /api/%61uth/login /api%2Fauth%2Flogin /api/v1/auth%2Flogin
      /api/auth%5Clogin /api/./auth/login /api/auth/login;x=1 /api/auth/login%0A`,
    "/api/auth%2Fsession /api/v1/auth%2Fsession /api/%61uth/session",
    `/api/auth%2Fsession /api%2Fauth%2Fsession /api/%61uth/session /api/qr%0A /static/..%2Fapi%2Fidentity
      /static/%2e%2e/api/identity /static/../api/identity /static/js/..%2F..%2F..%2Fapi%2Fidentity
      /static/..%252Fapi%252Fidentity /api/v1/files%2Fbrowse`,
  ),
  "extra-slash": spellings(
    "/api/auth/login/ /api//auth/login //api/auth/login /api/v1/auth/login/",
    "/api/auth/session/ /api/v1//auth/session",
    "/api/auth/session/ //api/auth/session /api//identity //api/qr/",
  ),
  "odd-path": {
    asks: ({ session }) =>
      each(ODD, (path) => [[400, 403, 404], `GET ${path}`, bearer(session.token)]),
  },
};
