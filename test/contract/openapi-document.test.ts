import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../support/checkout.ts";
import { undocumented } from "../support/openapi.ts";
import { ROUTES } from "../support/openapi-document.ts";

test("docs/openapi.yaml has the routes of serverless.yml, each under both prefixes, and no other", () => {
  expect([...ROUTES.keys()].sort()).toEqual(serviceRoutes().sort());
});

/** The route keys of the functions in serverless.yml. */
function serviceRoutes(): string[] {
  const text = readFileSync(join(ROOT, "serverless.yml"), "utf8");
  // CloudFormation's tags, such as !Ref, are of no interest here.
  const { functions } = parse(text, { logLevel: "silent", merge: true }) as {
    functions: Record<
      string,
      { events?: { httpApi: string | { method: string; path: string } }[] }
    >;
  };
  return Object.values(functions).flatMap(({ events = [] }) =>
    events.map(({ httpApi }) =>
      typeof httpApi === "string" ? httpApi : `${httpApi.method} ${httpApi.path}`,
    ),
  );
}

describe("the check itself finds", () => {
  const ok = {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  };
  const session = {
    ...ok,
    cookies: [],
    body: JSON.stringify({
      session_token: `session:1795581001:${"0".repeat(64)}`,
      expires_in_hours: 24,
    }),
  };
  test("nothing wrong with a good response", () => {
    expect(undocumented("POST /auth/session", session)).toEqual([]);
  });
  test.each([
    ["another status", { ...session, status: 201 }],
    [
      "another content type",
      { ...session, headers: { ...session.headers, "content-type": "text/html" } },
    ],
    ["a field too many", { ...session, body: session.body.replace("{", '{"key":"k",') }],
    ["a field too few", { ...session, body: '{"expires_in_hours":24}' }],
    ["a token of another shape", { ...session, body: session.body.replace("session:1", "sess:1") }],
    ["a missing header", { ...session, headers: { "content-type": "application/json" } }],
    ["a challenge", { ...session, headers: { ...session.headers, "www-authenticate": "Basic" } }],
    ["a cookie without HttpOnly", { ...session, cookies: ["pocketpaw_session=a; Path=/"] }],
  ])("%s", (_, response) => {
    expect(undocumented("POST /auth/session", response)).not.toEqual([]);
  });
});
