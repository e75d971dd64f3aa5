import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { NotStored, Overtaken, UnusableSecret, UpstreamFailed } from "../../lib/errors.ts";
import { healthz } from "../../lib/functions/healthz.ts";
import { explainFailure } from "../../lib/functions/regenerate-failure.ts";
import { createSessionStatus } from "../../lib/functions/session-status.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { ALLOWED_ORIGIN, openBrowserFunctions } from "../support/browser.ts";
import { ROOT } from "../support/checkout.ts";
import { seenOf } from "../support/documented.ts";
import { exchangeRequest, loginRequest, qrRequest, statusRequest } from "../support/events.ts";
import { documentedStatuses, OPERATIONS, ROUTES, undocumented } from "../support/openapi.ts";
import { handlerOver, request, requestOf } from "../support/regenerate-handler.ts";
import { named } from "../support/secret-store.ts";
import { openSecrets } from "../support/secrets.ts";
import { MASTER_TOKEN } from "../support/tokens.ts";

type Case = readonly [operation: string, what: string, respond: () => Promise<HttpResponse>];

const FOREIGN = { headers: { Host: "paw.example.com", Origin: "https://evil.example" } };
const login = (body: unknown, headers?: Record<string, string>) =>
  openBrowserFunctions().login(loginRequest(body, headers && { headers }));
const qr = (found: Record<string, string>, headers?: Record<string, string>) =>
  openBrowserFunctions().qr(qrRequest(found, headers));
const status = (found: Record<string, string>) =>
  createSessionStatus({ now: Date.now })(statusRequest(found));

/** The browser's functions while Secrets Manager fails. */
function withoutSecrets() {
  const functions = openBrowserFunctions();
  functions.store.values.master = named("InternalServiceError", "Secrets Manager failed");
  return functions;
}

const CASES: readonly Case[] = [
  ["POST /auth/session", "the master token", () => openBrowserFunctions().exchange(MASTER_TOKEN)],
  [
    "POST /auth/session",
    "the master token, with a PocketPaw",
    () => openBrowserFunctions({ native: true }).exchange(MASTER_TOKEN),
  ],
  ["POST /auth/session", "no token", () => openBrowserFunctions().session(exchangeRequest({}))],
  ["POST /auth/session", "a wrong token", () => openBrowserFunctions().exchange("wrong")],
  ["POST /auth/session", "no secrets", () => withoutSecrets().exchange(MASTER_TOKEN)],
  ["GET /auth/session", "a session", () => status({ method: "session", expiresAt: "1795581001" })],
  ["GET /auth/session", "the master token", () => status({ method: "master" })],
  ["POST /auth/login", "the master token", () => login({ token: MASTER_TOKEN })],
  ["POST /auth/login", "a wrong token", () => login({ token: "wrong" })],
  ["POST /auth/login", "no JSON", () => login("token=wrong")],
  ["POST /auth/login", "a large body", () => login({ token: "a".repeat(9_000) })],
  ["POST /auth/login", "another origin", () => login({ token: MASTER_TOKEN }, FOREIGN.headers)],
  [
    "POST /auth/login",
    "no secrets",
    () => withoutSecrets().login(loginRequest({ token: MASTER_TOKEN })),
  ],
  [
    "POST /auth/logout",
    "an allowed origin",
    () => openBrowserFunctions().logout(loginRequest("", { headers: { Origin: ALLOWED_ORIGIN } })),
  ],
  [
    "POST /auth/logout",
    "another origin",
    () => openBrowserFunctions().logout(loginRequest("", FOREIGN)),
  ],
  ["GET /qr", "the master token", () => qr({ method: "master" })],
  ["GET /qr", "a pairing token", () => qr({ method: "pairing" })],
  ["GET /qr", "no host", () => qr({ method: "master" }, {})],
  ["GET /qr", "no secrets", () => withoutSecrets().qr(qrRequest({ method: "master" }))],
  [
    "POST /token/regenerate",
    "the version in force",
    async () => {
      const { client } = await openSecrets();
      return handlerOver(client).handler(await request(client));
    },
  ],
  [
    "POST /token/regenerate",
    "an older version",
    async () => {
      const { client } = await openSecrets();
      return handlerOver(client).handler(requestOf("an-older-version"));
    },
  ],
  [
    "POST /token/regenerate",
    "a pairing token",
    async () => {
      const { client } = await openSecrets();
      return handlerOver(client).handler(statusRequest({ method: "pairing" }));
    },
  ],
  ...[
    new UpstreamFailed("upstream_unreachable", "PocketPaw cannot be reached"),
    new NotStored("a-new-token", new Error("unreachable")),
    new Overtaken(),
    new UnusableSecret("secret_empty", "the secret is empty"),
  ].map(
    (error): Case => [
      "POST /token/regenerate",
      error.name,
      async () => explainFailure(error, "paw/master-token").response,
    ],
  ),
  ["GET /healthz", "anyone", healthz],
];

test.each(CASES)("%s with %s responds as docs/openapi.yaml says", async (operation, _, respond) => {
  expect(undocumented(operation, seenOf(await respond()))).toEqual([]);
});

/** Statuses that API Gateway and the authorizer give for a route, before or instead of its function. */
const BY_API_GATEWAY: Readonly<Record<string, readonly number[]>> = {
  "POST /auth/session": [429, 500],
  "GET /auth/session": [403, 429, 500, 503],
  "POST /auth/login": [429, 500],
  "POST /auth/logout": [429, 500, 503],
  "GET /qr": [429, 500],
  "POST /token/regenerate": [429],
  "GET /healthz": [429, 500, 503],
  // API Gateway drops the body of the response to GET.
  "HEAD /healthz": [200, 429, 500, 503],
};

test.each(OPERATIONS)("%s has exactly the statuses in docs/openapi.yaml", async (operation) => {
  const own = CASES.filter(([each]) => each === operation);
  const statuses = await Promise.all(
    own.map(async ([, , respond]) => (await respond()).statusCode),
  );
  const all = new Set([...statuses, ...(BY_API_GATEWAY[operation] ?? [])]);
  expect([...all].sort()).toEqual(documentedStatuses(operation).sort());
});

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
