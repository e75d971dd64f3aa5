import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../support/checkout.ts";
import { json } from "../support/functions.ts";
import { undocumented } from "../support/openapi.ts";
import { DOCUMENT, OPERATIONS, operationOf, ROUTES } from "../support/openapi-document.ts";

interface Service {
  functions: Record<string, { events?: { httpApi: Route }[] }>;
}
/** A text has no authorizer. */
type Route = string | { method: string; path: string };

// CloudFormation's tags, such as !Ref, are of no interest here.
const { functions }: Service = parse(readFileSync(join(ROOT, "serverless.yml"), "utf8"), {
  logLevel: "silent",
});
const routes = Object.values(functions).flatMap(({ events = [] }) =>
  events.map(({ httpApi }) => httpApi),
);
const keyOf = (route: Route) =>
  typeof route === "string" ? route : `${route.method} ${route.path}`;

test("docs/openapi.yaml has the routes of serverless.yml, each under both prefixes, and no other", () => {
  expect([...ROUTES.keys()].sort()).toEqual(routes.map(keyOf).sort());
});

/** Operations without an authorizer that ask for a credential themselves. */
const THEIR_OWN: Readonly<Record<string, readonly string[]>> = {
  "POST /auth/session": ["masterToken"],
  "GET /auth/verify": ["bearer", "cookie", "loopbackCookie"],
};

test.each(OPERATIONS)("%s takes the same credentials in both documents", (operation) => {
  const isBehindAuthorizer = routes.some(
    (route) => typeof route !== "string" && ROUTES.get(keyOf(route)) === operation,
  );
  const behindAuthorizer = ["bearer", "query", "cookie", "loopbackCookie"];
  const { security = DOCUMENT.security } = operationOf(operation);
  expect(security.flatMap((each) => Object.keys(each))).toEqual(
    isBehindAuthorizer ? behindAuthorizer : (THEIR_OWN[operation] ?? []),
  );
});

describe("the check itself finds", () => {
  const token = `session:1795581001:${"0".repeat(64)}`;
  const { statusCode, headers, body } = json(200, { session_token: token, expires_in_hours: 24 });
  const session = { status: statusCode, headers, cookies: [], body };

  test("nothing wrong with a good response", () => {
    expect(undocumented("POST /auth/session", session)).toEqual([]);
  });

  test.each([
    ["another status", { status: 201 }],
    ["another content type", { headers: { ...headers, "content-type": "text/html" } }],
    ["a field too many", { body: body.replace("{", '{"key":"k",') }],
    ["a field too few", { body: '{"expires_in_hours":24}' }],
    ["a token of another shape", { body: body.replace("session:1", "sess:1") }],
    ["a missing header", { headers: { "content-type": "application/json" } }],
    ["a challenge", { headers: { ...headers, "www-authenticate": "Basic" } }],
    ["a cookie without HttpOnly", { cookies: ["pocketpaw_session=a; Path=/"] }],
  ])("%s", (_, change) => {
    expect(undocumented("POST /auth/session", { ...session, ...change })).not.toEqual([]);
  });
});
