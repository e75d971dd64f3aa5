import { type Check, judge, NO_POCKETPAW, type Problem } from "../check.ts";
import type { Reply } from "../client.ts";
import { COOKIE } from "../cookies.ts";

/** A page of PocketPaw's API that needs a credential there too, and changes nothing. */
const API = "/api/identity";

export const page: Check = {
  name: "page",
  claim: "PocketPaw's page opens without a credential, and its scripts may run",
  advice:
    "503: PocketPaw or its proxy does not respond. 403: the proxy does not accept the header X-Origin-Verify",
  async run({ hasPocketPaw, replies }) {
    if (!hasPocketPaw) return NO_POCKETPAW;
    const type = replies.page.headers["content-type"]?.[0] ?? "";
    return judge([
      replies.page.status !== 200 && `GET / responded ${replies.page.status}`,
      !type.startsWith("text/html") && "GET / is no HTML",
      policyOf(replies.page).get("script-src") === "'none'" && "GET / allows no script",
    ]);
  },
};

export const pocketPaw: Check = {
  name: "pocketpaw",
  claim: "a session reaches PocketPaw's API, and PocketPaw accepts it",
  advice: "401: PocketPaw and the secret hold different master tokens. 503 or 403: as for the page",
  async run({ hasPocketPaw, send, session, cookie }) {
    if (!hasPocketPaw) return NO_POCKETPAW;
    const authorization = `Bearer ${session.token}`;
    // PocketPaw prefers the cookie: the authorizer's must be in place of this one.
    const wrong = `${COOKIE}=${session.exp}:${"0".repeat(64)}`;
    const replies = await Promise.all([
      send(`GET ${API}`, { headers: { authorization } }),
      send(`GET ${API}`, { headers: { authorization, cookie: wrong } }),
      send(`GET ${API}?token=${encodeURIComponent(session.token)}`),
      send(`GET ${API}`, { headers: { cookie } }),
    ]);
    return judge(
      ["the header", "the header and a wrong cookie", "the query", "the cookie"].map(
        (place, i) => replies[i]?.status !== 200 && `by ${place}: ${replies[i]?.status}`,
      ),
    );
  },
};

/** What the gateway's own policy must say (deploy/routes.js). */
const DIRECTIVES = {
  "default-src": "'none'",
  "script-src": "'none'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'self'",
};

export const policy: Check = {
  name: "policy",
  claim: "no script runs in a response of PocketPaw's API, whatever its status",
  advice:
    "the API integration's response parameters are missing, or do not replace PocketPaw's headers",
  async run({ hasPocketPaw, send, session }) {
    if (!hasPocketPaw) return NO_POCKETPAW;
    const headers = { authorization: `Bearer ${session.token}` };
    const paths = [API, "/api/smoke-test"];
    const problems = paths.map(async (path) =>
      policyProblems(path, await send(`GET ${path}`, { headers })),
    );
    return judge((await Promise.all(problems)).flat());
  },
};

function policyProblems(path: string, reply: Reply): Problem[] {
  const found = policyOf(reply);
  return [
    // Else it is no response of PocketPaw's.
    reply.status >= 500 && `GET ${path} responded ${reply.status}`,
    ...Object.entries(DIRECTIVES).map(
      ([name, value]) =>
        found.get(name) !== value && `GET ${path}: no ${name} ${value} in content-security-policy`,
    ),
    reply.headers["x-content-type-options"]?.join() !== "nosniff" &&
      `GET ${path}: x-content-type-options is not nosniff`,
  ];
}

/** The directives of a response's only policy; none where there are several, which a test could misread. */
function policyOf({ headers }: Reply): ReadonlyMap<string, string> {
  const [value = "", ...others] = headers["content-security-policy"] ?? [];
  if (others.length > 0) return new Map();
  const directives = value.split(";").map((directive) => directive.trim().split(/\s+/));
  return new Map(directives.map(([name = "", ...sources]) => [name, sources.join(" ")]));
}
