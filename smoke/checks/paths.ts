import { type Check, judge, type Problem } from "../check.ts";
import { jsonOf, type Reply } from "../client.ts";
import { sessionCookies } from "../cookies.ts";
import { FOREIGN_ORIGIN, type Gateway, loginOptions } from "../gateway.ts";

const ADVICE =
  "the proxy in front of PocketPaw must refuse login, exchange and QR code in every spelling (examples/pocketpaw-proxy)";

export const encodedPath: Check = {
  name: "encoded-path",
  claim: "an encoded path reaches neither PocketPaw's own login nor a route without a credential",
  advice: ADVICE,
  run: (gateway) =>
    judgePaths(gateway, {
      logins: [
        ...["/api/auth%2Flogin", "/api/auth%252Flogin", "/api/%61uth/login", "/api%2Fauth%2Flogin"],
        ...[
          "/api/v1/auth%2Flogin",
          "/api/auth%5Clogin",
          "/api/./auth/login",
          "/api/auth/login;x=1",
        ],
      ],
      exchanges: ["/api/auth%2Fsession", "/api/v1/auth%2Fsession", "/api/%61uth/session"],
      protectedPaths: [
        ...["/api/auth%2Fsession", "/api%2Fauth%2Fsession", "/api/%61uth/session"],
        ...[
          "/static/..%2Fapi%2Fidentity",
          "/static/%2e%2e/api/identity",
          "/static/../api/identity",
        ],
        ...["/static/js/..%2F..%2F..%2Fapi%2Fidentity", "/static/..%252Fapi%252Fidentity"],
      ],
    }),
};

export const extraSlash: Check = {
  name: "extra-slash",
  claim: "an extra slash reaches neither PocketPaw's own login nor a route without a credential",
  advice: ADVICE,
  run: (gateway) =>
    judgePaths(gateway, {
      logins: ["/api/auth/login/", "/api//auth/login", "//api/auth/login", "/api/v1/auth/login/"],
      exchanges: ["/api/auth/session/", "/api/v1//auth/session"],
      protectedPaths: ["/api/auth/session/", "//api/auth/session", "/api//identity", "//api/qr/"],
    }),
};

interface Paths {
  readonly logins: readonly string[];
  readonly exchanges: readonly string[];
  readonly protectedPaths: readonly string[];
}

/**
 * A login with a foreign `Origin` tells whose it is: the gateway's refuses it, PocketPaw's does not look. An
 * exchange tells it by its token. The bearer token lets either pass the authorizer.
 */
async function judgePaths({ send, session, masterToken }: Gateway, paths: Paths) {
  const authorization = `Bearer ${session.token}`;
  const login = loginOptions(masterToken, { authorization, origin: FOREIGN_ORIGIN });
  const byMaster = { headers: { authorization: `Bearer ${masterToken}` } };
  const problems = await Promise.all([
    ...paths.logins.map(async (path) => {
      const reply = await send(`POST ${path}`, login);
      const hasCookie = sessionCookies(reply).length > 0;
      return [hasCookie && `POST ${path} set a session cookie`, ...passed(reply, `POST ${path}`)];
    }),
    ...paths.exchanges.map(async (path) => {
      const reply = await send(`POST ${path}`, byMaster);
      const isOwn = String(jsonOf(reply)?.session_token).startsWith("session:");
      return isOwn ? [] : passed(reply, `POST ${path}`);
    }),
    ...paths.protectedPaths.map(async (path) =>
      passed(await send(`GET ${path}`), `GET ${path} without a credential`),
    ),
  ]);
  return judge(problems.flat());
}

function passed({ status }: Reply, what: string): Problem[] {
  const isRefused = status >= 300 && status < 500;
  return [!isRefused && `${what} responded ${status}`];
}
