import { randomUUID } from "node:crypto";
import { type Ask, type Checks, lacks } from "../check.ts";
import { bearer, type Headers, headerOf } from "../client.ts";
import { CHALLENGE_NAMES, FOREIGN_ORIGIN, type Gateway } from "../gateway.ts";
import { pocketPawToken } from "./credentials.ts";

/** What a proxy asks about a request with the given headers; an empty one counts as absent. */
function asker({ url: { host } }: Gateway) {
  const original = {
    "x-original-method": "GET",
    "x-original-uri": "/api/identity",
    "x-original-host": host,
  };
  return (status: number, what: string, headers: Headers = {}): Ask => {
    return [status, "GET /api/auth/verify", { ...original, ...headers }, what];
  };
}

export const VERIFY: Checks = {
  verify: {
    asks: (gateway) => {
      const { session, cookie } = gateway;
      const ask = asker(gateway);
      const uri = `/api/identity?token=${encodeURIComponent(session.token)}`;
      return [
        ask(204, "a bearer token", bearer(session.token)),
        ask(204, "the cookie", { cookie }),
        ask(401, "no credential"),
        ask(401, "a wrong token", bearer(randomUUID())),
        ask(401, "a PocketPaw token", bearer(pocketPawToken(gateway))),
        ask(401, "a token in the query", { "x-original-uri": uri }),
      ];
    },
    also: (reply, _, { session: { exp }, hasPocketPaw }) => {
      const upstream = headerOf(reply, "x-pocketpaw-cookie");
      const common = lacks(reply, "cache-control no-store");
      if (reply.status !== 204) {
        const isChallenge = (name: string) => headerOf(reply, name)?.startsWith("Bearer ");
        return [
          ...common,
          !CHALLENGE_NAMES.some(isChallenge) && "it has no challenge",
          "x-pocketpaw-cookie" in reply.headers && "it has x-pocketpaw-cookie",
        ];
      }
      return [
        ...common,
        ...lacks(reply, `x-session-method session; x-session-expires ${exp}`),
        !/^[0-9a-f]{16}$/.test(headerOf(reply, "x-session-id") ?? "") && "it has no x-session-id",
        hasPocketPaw !== (upstream?.startsWith(`pocketpaw_session=${exp}:`) ?? false) &&
          "x-pocketpaw-cookie holds no PocketPaw token, or one without PocketPaw",
      ];
    },
  },
  "verify-headers": {
    asks: (gateway) => {
      const { cookie, session, origin } = gateway;
      const ask = asker(gateway);
      const post = { "x-original-method": "POST" };
      const foreign = { cookie, origin: FOREIGN_ORIGIN };
      // A host with TLS, whose cookie has the name for such hosts.
      const other = {
        "x-original-host": new URL(FOREIGN_ORIGIN).host,
        cookie: `__Host-pocketpaw_session=${session.token}`,
      };
      return [
        ask(204, "GET from another origin", foreign),
        ask(403, "POST from another origin", { ...foreign, ...post }),
        ask(403, "no method, from another origin", { ...foreign, "x-original-method": "" }),
        ask(204, "POST from the own origin", { cookie, origin, ...post }),
        ask(204, "POST from another host's own origin", { ...foreign, ...post, ...other }),
        ask(401, "no host", { cookie, "x-original-host": "" }),
        ask(403, "an odd path", { cookie, "x-original-uri": "/api/identity%0A" }),
        ask(403, "no path", { cookie, "x-original-uri": "" }),
        ask(403, "a handshake without Origin", { cookie, "sec-websocket-key": "AAAA" }),
      ];
    },
  },
};
