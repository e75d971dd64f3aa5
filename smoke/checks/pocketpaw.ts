import { type Checks, lacks, policyOf } from "../check.ts";
import { bearer, headerOf, jsonOf } from "../client.ts";
import type { Gateway } from "../gateway.ts";

/** A page of PocketPaw's API that needs a credential there too, and changes nothing. */
const API = "GET /api/identity";
const CONNECTORS = "GET /api/v1/connectors";
const QUERY = "a=1&a=2&b=x%2By";
/** Nobody's. */
const LINK_TOKEN = "smoke-test";

/** A session's header, beside a cookie that PocketPaw would prefer and refuse: the gateway's must replace it. */
export function besideWrongCookie({ session: { token, exp } }: Gateway) {
  return { ...bearer(token), cookie: `pocketpaw_session=${exp}:${"0".repeat(64)}` };
}

export const POCKETPAW: Checks = {
  page: {
    needs: "PocketPaw",
    asks: () => [[200, "GET /"]],
    also: (reply) => [
      ...lacks(reply, "content-type text/html"),
      policyOf(reply).get("script-src") === "'none'" && "it allows no script",
    ],
  },
  "token-link": {
    needs: "DashboardUrl",
    asks: () => [[302, `GET /?token=${LINK_TOKEN}`]],
    also: (reply, _, { origin }) => [
      headerOf(reply, "location")?.replace(origin, "") !== `/gateway#${LINK_TOKEN}` &&
        "location is not the gateway's page with the token in the fragment",
      ...lacks(reply, "cache-control no-store; referrer-policy no-referrer"),
    ],
  },
  pocketpaw: {
    needs: "PocketPaw",
    asks: (gateway) => {
      const { token } = gateway.session;
      return [
        [200, API, bearer(token), "by the header"],
        [200, API, besideWrongCookie(gateway), "by the header and a wrong cookie"],
        [200, `${API}?token=${encodeURIComponent(token)}`, {}, "by the query"],
        [200, API, { cookie: gateway.cookie }, "by the cookie"],
      ];
    },
  },
  policy: {
    needs: "PocketPaw",
    asks: ({ session }) => [
      [200, API, bearer(session.token)],
      [404, "GET /api/smoke-test", bearer(session.token)],
      [404, "GET /api/v1/files/smoke-test", bearer(session.token)],
    ],
    also: (reply) => [
      ...lacks(reply, "default-src 'none'; script-src 'none'; base-uri 'none'"),
      ...lacks(reply, "form-action 'none'; frame-ancestors 'self'"),
      ...lacks(reply, "x-content-type-options nosniff; cross-origin-resource-policy same-origin"),
      "x-frame-options" in reply.headers && "x-frame-options is there",
    ],
  },
  // PocketPaw's 404 repeats the name as it arrived.
  "path-arrives": {
    needs: "PocketPaw",
    asks: ({ session }) => [[404, `${CONNECTORS}/smoke%20test`, bearer(session.token)]],
    also: (reply) => {
      const detail = String(jsonOf(reply).detail);
      const names = ["smoke test", "smoke%20test", "smoke+test", "smoke%2520test"];
      const arrived = names.find((name) => detail.includes(`'${name}'`));
      return [arrived !== names[0] && `it arrives as ${arrived ?? "something else"}`];
    },
  },
  // PocketPaw's redirect to the path without a slash at its end repeats the query as it arrived.
  "query-arrives": {
    needs: "PocketPaw",
    asks: ({ session }) => [[307, `${CONNECTORS}/?${QUERY}`, bearer(session.token)]],
    also: (reply) => {
      const [, arrived] = headerOf(reply, "location")?.split("?") ?? [];
      const other = ["a=1&a=2", "a=1,2", "a=1%2C2", "a=1", "a=2"]
        .flatMap((a) => ["b=x%2By", "b=x+y", "b=x%20y", "b=x%252By"].map((b) => `${a}&${b}`))
        .find((query) => query === arrived);
      return [arrived !== QUERY && `it arrives as ${other ?? "something else"}`];
    },
  },
  // PocketPaw refuses what is outside before it looks for the file, which is not there.
  "file-jail": {
    needs: "PocketPaw",
    asks: ({ session }) => [
      [403, "GET /api/v1/files/content?path=.pocketpaw/smoke-test", bearer(session.token)],
    ],
    also: (reply) => [typeof jsonOf(reply).detail !== "string" && "it is not PocketPaw's response"],
  },
};
