import { randomUUID } from "node:crypto";
import { type Check, judge, type Problem } from "../check.ts";
import { jsonOf, type Reply } from "../client.ts";
import { type SetCookie, sessionCookies } from "../cookies.ts";
import { FOREIGN_ORIGIN, type Gateway, loginOptions } from "../gateway.ts";
import { CLOCK_SECONDS } from "./exchange.ts";

/** Behind the authorizer, and nothing happens there: PocketPaw has no such route. */
const UNKNOWN = "POST /api/smoke-test";

export const login: Check = {
  name: "login",
  claim: "login sets a cookie that scripts and other sites cannot use, for the master token alone",
  advice: "a proxy changes Set-Cookie, or the gateway is not this version",
  async run({ send, session, origin, hasPocketPaw, replies, cookie, now }) {
    const [set, ...others] = sessionCookies(replies.login);
    const refused = await send("POST /api/auth/login", loginOptions(randomUUID()));
    const status = await send("GET /api/auth/session", { headers: { cookie } });
    const shape = hasPocketPaw ? /^[1-9][0-9]{0,14}:[0-9a-f]{64}$/ : /^session:/;
    return judge([
      replies.login.status !== 200 && `it responded ${replies.login.status}`,
      JSON.stringify(jsonOf(replies.login)) !== '{"ok":true}' && 'its body is not {"ok":true}',
      (set === undefined || others.length > 0) && "there is not exactly one session cookie",
      ...(set === undefined ? [] : attributeProblems(set, origin)),
      set !== undefined && !shape.test(set.value) && "the cookie holds another kind of token",
      !isNear(set?.attributes.get("max-age"), session.exp - now() / 1000) &&
        "Max-Age is not the session's length",
      status.status !== 200 && `with the cookie, GET /api/auth/session responded ${status.status}`,
      refused.status !== 401 && `a wrong token got ${refused.status}`,
      sessionCookies(refused).length > 0 && "a wrong token got a session cookie",
    ]);
  },
};

export const logout: Check = {
  name: "logout",
  claim: "logout deletes the cookie",
  advice: "a proxy changes Set-Cookie, or the gateway is not this version",
  async run({ send, origin, cookie }) {
    const reply = await send("POST /api/auth/logout", { headers: { cookie } });
    const [set, ...others] = sessionCookies(reply);
    return judge([
      reply.status !== 200 && `it responded ${reply.status}`,
      (set === undefined || others.length > 0) && "there is not exactly one session cookie",
      ...(set === undefined ? [] : attributeProblems(set, origin)),
      (set?.value !== "" || set.attributes.get("max-age") !== "0") && "the cookie is not deleted",
    ]);
  },
};

function attributeProblems({ attributes }: SetCookie, origin: string): Problem[] {
  const isSecure = origin.startsWith("https:");
  return [
    attributes.get("path") !== "/" && "the cookie's Path is not /",
    !attributes.has("httponly") && "the cookie is not HttpOnly",
    attributes.get("samesite")?.toLowerCase() !== "lax" && "the cookie's SameSite is not Lax",
    attributes.has("secure") !== isSecure &&
      (isSecure ? "the cookie is not Secure" : "the cookie is Secure on a host without TLS"),
    attributes.has("domain") && "the cookie has a Domain: other hosts get it",
  ];
}

function isNear(maxAge: string | undefined, seconds: number): boolean {
  return maxAge !== undefined && Math.abs(Number(maxAge) - seconds) < CLOCK_SECONDS;
}

export const ownOrigin: Check = {
  name: "own-origin",
  claim: "the gateway's own page may use the cookie",
  advice:
    "open the dashboard at the output DashboardUrl, which PUBLIC_URL names; else find cross_origin in the log",
  async run({ send, cookie, origin, masterToken, hasPocketPaw }) {
    const headers = { cookie, origin };
    const replies: [string, Reply][] = [
      ["login", await send("POST /api/auth/login", loginOptions(masterToken, { origin }))],
      ["logout", await send("POST /api/auth/logout", { headers })],
    ];
    const unknown = hasPocketPaw ? await send(UNKNOWN, { headers }) : undefined;
    return judge([
      ...replies.map(([name, { status }]) => status !== 200 && `${name} responded ${status}`),
      unknown !== undefined &&
        ![404, 405].includes(unknown.status) &&
        `${UNKNOWN} responded ${unknown.status}, not PocketPaw's 404 or 405`,
    ]);
  },
};

export const foreignOrigin: Check = {
  name: "foreign-origin",
  claim: "a page of another origin can neither use the cookie nor read a response",
  advice:
    "is a proxy in front of the gateway that removes or sets Origin? Is corsOrigins too wide?",
  async run({ send, cookie, masterToken, hasPocketPaw }) {
    const origins = [FOREIGN_ORIGIN, "null"];
    const problems = origins.map(async (origin) => {
      const headers = { cookie, origin };
      const requests: [string, Promise<Reply>][] = [
        ["login", send("POST /api/auth/login", loginOptions(masterToken, { origin }))],
        ["logout", send("POST /api/auth/logout", { headers })],
        ...(hasPocketPaw
          ? [[UNKNOWN, send(UNKNOWN, { headers })] as [string, Promise<Reply>]]
          : []),
      ];
      const refusals = requests.map(async ([name, sent]) => {
        const reply = await sent;
        return [
          reply.status !== 403 && `${name} from another origin responded ${reply.status}`,
          sessionCookies(reply).length > 0 && `${name} from another origin sets the cookie`,
        ];
      });
      return [
        ...(await Promise.all(refusals)).flat(),
        ...(await corsProblems(send, origin, cookie)),
      ];
    });
    return judge((await Promise.all(problems)).flat());
  },
};

/** https://fetch.spec.whatwg.org/#http-cors-protocol */
async function corsProblems(
  send: Gateway["send"],
  origin: string,
  cookie: string,
): Promise<Problem[]> {
  const get = await send("GET /api/auth/session", { headers: { cookie, origin } });
  const preflight = await send("OPTIONS /api/auth/session", {
    headers: { origin, "access-control-request-method": "POST" },
  });
  const isShared = ({ headers }: Reply) => "access-control-allow-origin" in headers;
  return [
    isShared(get) && "another origin may read GET /api/auth/session",
    isShared(preflight) && "another origin's preflight is allowed",
  ];
}
