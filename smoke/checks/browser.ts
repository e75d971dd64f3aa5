import { randomUUID } from "node:crypto";
import { type Ask, type Checks, judge, lacks, policyOf, problemsOf } from "../check.ts";
import { type Reply, sessionCookies } from "../client.ts";
import { FOREIGN_ORIGIN, type Gateway, LOGOUT, loginWith, STATUS, sessionOf } from "../gateway.ts";
import { CLOCK_SECONDS } from "./credentials.ts";

/** What holds for every cookie that the gateway sets or deletes. */
function cookieProblems(reply: Reply, { origin, cookieName }: Gateway) {
  const [set, ...others] = sessionCookies(reply);
  const secure = origin.startsWith("https:") ? "; secure" : "";
  const attributes = `httponly; path=/; samesite=strict${secure}`;
  return [
    (set === undefined || others.length > 0) && "there is not exactly one session cookie",
    set?.name !== cookieName && `the cookie's name is not ${cookieName}`,
    set?.attributes !== attributes && `the cookie's attributes are not ${attributes}`,
  ];
}

/** Behind the authorizer and on a direct path; nothing happens there, since PocketPaw has no such routes. */
const UNKNOWN = ["POST /api/smoke-test", "POST /api/v1/files/smoke-test"];

/** All that looks at the request's origin; without a status, as it is accepted. */
function asksFrom(origin: string, gateway: Gateway, status?: number): Ask[] {
  const { cookie, masterToken, hasPocketPaw } = gateway;
  const paths = hasPocketPaw ? UNKNOWN : [];
  return [
    [status ?? 200, loginWith(masterToken), { origin }, `login from ${origin}`],
    [status ?? 200, LOGOUT, { cookie, origin }, `logout from ${origin}`],
    ...paths.map((path): Ask => [status ?? [404, 405], path, { cookie, origin }]),
  ];
}

/** The last is one that PocketPaw itself lets read. */
const FOREIGN_ORIGINS = [FOREIGN_ORIGIN, "null", "http://smoke-test.localhost"];

export const BROWSER: Checks = {
  login: {
    async run(gateway) {
      const { session, masterToken, cookieName } = gateway;
      const asks: Ask[] = [
        [200, loginWith(masterToken), {}, "the master token"],
        [200, loginWith(session.token), {}, "a session token"],
        [401, loginWith(randomUUID()), {}, "a wrong token"],
      ];
      const opened: Ask[] = [];
      const problems = await problemsOf(gateway, asks, (reply, what) => {
        const [{ value, maxAge } = { value: "", maxAge: 0 }] = sessionCookies(reply);
        if (reply.status === 401) return [value !== "" && "it gets a session cookie"];
        opened.push([200, STATUS, { cookie: `${cookieName}=${value}` }, `the cookie of ${what}`]);
        const left = (sessionOf(value)?.exp ?? 0) - Date.now() / 1000;
        return [
          reply.body.toString() !== '{"ok":true}' && 'the body is not {"ok":true}',
          !(Math.abs(maxAge - left) < CLOCK_SECONDS) &&
            "the cookie holds no session token, or Max-Age is not what is left of it",
          what === "a session token" && value !== session.token && "the cookie holds another one",
          ...cookieProblems(reply, gateway),
        ];
      });
      return judge([...problems, ...(await problemsOf(gateway, opened))]);
    },
  },
  logout: {
    asks: ({ cookie }) => [[200, LOGOUT, { cookie }]],
    also: (reply, _, gateway) => {
      const [set] = sessionCookies(reply);
      return [
        ...cookieProblems(reply, gateway),
        (set?.value !== "" || set.maxAge !== 0) && "the cookie is not deleted",
        ...lacks(reply, 'clear-site-data "storage"'),
      ];
    },
  },
  "own-origin": { asks: (gateway) => asksFrom(gateway.origin, gateway) },
  "foreign-origin": {
    asks: (gateway) =>
      FOREIGN_ORIGINS.flatMap((origin): Ask[] => {
        const headers = { cookie: gateway.cookie, origin };
        const preflight = { origin, "access-control-request-method": "POST" };
        const direct: Ask = [[404, 503], "GET /api/v1/files/smoke-test", headers];
        return [
          ...asksFrom(origin, gateway, 403),
          [200, STATUS, headers],
          [[204, 403, 404], "OPTIONS /api/auth/session", preflight],
          ...(gateway.hasPocketPaw ? [direct] : []),
        ];
      }),
    // https://fetch.spec.whatwg.org/#http-cors-protocol
    also: (reply) => [
      "access-control-allow-origin" in reply.headers && "another origin may read the response",
      sessionCookies(reply).length > 0 && "another origin's page gets a session cookie",
    ],
  },
  "gateway-page": {
    asks: () => ["GET", "HEAD"].map((method) => [200, `${method} /gateway`]),
    also: (reply) => [
      !/^'sha256-[^' ]+'$/.test(policyOf(reply).get("script-src") ?? "") && "script-src is no hash",
      ...lacks(reply, "content-type text/html; referrer-policy no-referrer"),
      ...lacks(reply, "default-src 'none'; img-src 'self'; connect-src 'self'; base-uri 'none'"),
      ...lacks(reply, "form-action 'none'; frame-ancestors 'none'"),
    ],
  },
};
