import { randomBytes } from "node:crypto";
import { DIRECT_PATHS, WEBSOCKET_PATHS } from "../../deploy/routes.js";
import { type Ask, type Checks, judge, lacks, problemsOf } from "../check.ts";
import { bearer } from "../client.ts";
import { FOREIGN_ORIGIN, type Gateway } from "../gateway.ts";
import { pocketPawToken, withEnd } from "./credentials.ts";
import { besideWrongCookie } from "./pocketpaw.ts";

const STREAM = "GET /api/v1/events/stream";

/** One path of each pattern that CloudFront sends to the proxy, the WebSockets' apart. */
const HTTP_PATHS = DIRECT_PATHS.filter((pattern) => !WEBSOCKET_PATHS.includes(pattern)).map(
  (pattern) => pattern.replace(/\*$/, "smoke-test").replace("*", "v1/"),
);

/** What opens no direct path: the function refuses with 403 what cannot be a credential, `verify` with 401. */
function wrongCredentials(gateway: Gateway): [string, number, Record<string, string>][] {
  const { session, cookieName } = gateway;
  const forged = `session:${session.exp}:${randomBytes(32).toString("hex")}`;
  const ended = withEnd(gateway, Date.now() / 1000 - 1);
  return [
    ["a forged bearer token", 401, bearer(forged)],
    ["a PocketPaw token", 401, bearer(pocketPawToken(gateway))],
    ["an API key", 401, bearer(`pp_${randomBytes(16).toString("hex")}`)],
    ["a forged cookie", 401, { cookie: `${cookieName}=${forged}` }],
    ["an ended cookie", 403, { cookie: `${cookieName}=${ended}` }],
    ["PocketPaw's cookie", 403, { cookie: `pocketpaw_session=${pocketPawToken(gateway)}` }],
  ];
}

const inQuery = ({ session }: Gateway) => `?token=${encodeURIComponent(session.token)}`;

/** The example of RFC 6455 section 1.3, and its answer. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** A handshake (RFC 6455 section 4.1); the connection ends with the response. */
function handshake(path: string, statuses: Ask[0], headers: object, what: string): Ask {
  const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
  const all = { ...upgrade, "sec-websocket-key": KEY, ...headers };
  return [statuses, `GET ${path}`, all, `${path.split("?")[0]}, ${what}`];
}

export const DIRECT: Checks = {
  "direct-path": {
    needs: "DashboardUrl",
    asks: (gateway) => [
      ...HTTP_PATHS.map((path): Ask => [403, `GET ${path}`]),
      ...wrongCredentials(gateway).map(
        ([what, status, headers]): Ask => [status, STREAM, headers, what],
      ),
      [403, STREAM + inQuery(gateway), {}, "a token in the query"],
      [403, STREAM.replace("GET", "OPTIONS"), bearer(gateway.session.token)],
    ],
    also: (reply) => lacks(reply, "cache-control no-store"),
  },
  stream: {
    needs: "DashboardUrl",
    async run(gateway) {
      const times: number[] = [];
      const asks: Ask[] = [
        [200, STREAM, besideWrongCookie(gateway), "by the header"],
        [200, STREAM, { cookie: gateway.cookie }, "by the cookie"],
      ];
      const problems = await problemsOf(gateway, asks, (reply) => {
        times.push(Math.round(reply.milliseconds));
        return [
          ...lacks(reply, "content-type text/event-stream"),
          !reply.body.includes("event:") && "there is no event",
        ];
      });
      return judge(problems, `after ${times.join(" and ")} ms`);
    },
  },
  websocket: {
    needs: "DashboardUrl",
    asks: ({ cookie, origin, session }) => [
      ...WEBSOCKET_PATHS.map((path) => handshake(path, 101, { cookie, origin }, "by the cookie")),
      handshake("/ws", 101, bearer(session.token), "by a bearer token"),
    ],
    also: (reply) => lacks(reply, `sec-websocket-accept ${ACCEPT}`),
  },
  "websocket-foreign": {
    needs: "DashboardUrl",
    asks: (gateway) => {
      const { cookie, origin } = gateway;
      const attempts = WEBSOCKET_PATHS.flatMap((path) => [
        handshake(path, 403, { cookie, origin: FOREIGN_ORIGIN }, "another origin"),
        handshake(path, 403, { cookie, origin: `${origin}.invalid` }, "Origin starts alike"),
        handshake(path, 403, { cookie }, "no origin"),
        handshake(path, 403, { origin }, "no credential"),
        handshake(path + inQuery(gateway), 403, { origin }, "a token in the query"),
        ...wrongCredentials(gateway).map(([what, status, headers]) =>
          handshake(path, status, { ...headers, origin }, what),
        ),
      ]);
      const spellings = ["/ws/", "/%77s", "//ws", "/static/../ws", "/ws%0A"].map((path) =>
        handshake(path, [400, 403, 404, 405, 426], { cookie, origin }, "another spelling"),
      );
      return [...attempts, ...spellings];
    },
  },
};
