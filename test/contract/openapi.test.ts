import { expect, test } from "vitest";
import { NotStored, Overtaken, UnusableSecret, UpstreamFailed } from "../../lib/errors.ts";
import { healthz } from "../../lib/functions/healthz.ts";
import { explainFailure } from "../../lib/functions/regenerate-failure.ts";
import { createSessionStatus } from "../../lib/functions/session-status.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { ALLOWED_ORIGIN, openBrowserFunctions } from "../support/browser.ts";
import { seenOf } from "../support/documented.ts";
import { exchangeRequest, loginRequest, qrRequest, statusRequest } from "../support/events.ts";
import { undocumented } from "../support/openapi.ts";
import { documentedExamples, documentedStatuses, OPERATIONS } from "../support/openapi-document.ts";
import { handlerOver, request, requestOf } from "../support/regenerate-handler.ts";
import { named } from "../support/secret-store.ts";
import { openSecrets } from "../support/secrets.ts";
import { MASTER_TOKEN } from "../support/tokens.ts";

type Case = readonly [operation: string, what: string, respond: () => Promise<HttpResponse>];

/** The secret in the document's examples. */
const SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:MasterToken-a1b2c3";

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
  [
    "GET /qr",
    "an older version",
    () => qr({ method: "session", masterTokenVersion: "an-older-version" }),
  ],
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
    new NotStored("0e2f4d1c-5b6a-4798-8a9b-0c1d2e3f4a5b", new Error("unreachable")),
    new Overtaken(),
    new UnusableSecret("secret_empty", "the secret is empty"),
  ].map(
    (error): Case => [
      "POST /token/regenerate",
      error.name,
      async () => explainFailure(error, SECRET_ARN).response,
    ],
  ),
  ["GET /healthz", "anyone", healthz],
];

test.each(CASES)("%s with %s responds as docs/openapi.yaml says", async (operation, _, respond) => {
  expect(undocumented(operation, seenOf(await respond()))).toEqual([]);
});

/** Statuses that API Gateway and the authorizer give for a route, before or instead of its function. */
const BY_API_GATEWAY: Readonly<Record<string, readonly number[]>> = {
  "POST /auth/session": [413, 429, 500],
  "GET /auth/session": [403, 429, 500, 503],
  "POST /auth/login": [429, 500],
  "POST /auth/logout": [413, 429, 500, 503],
  "GET /qr": [429, 500],
  "POST /token/regenerate": [413, 429],
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

const REFUSALS = OPERATIONS.flatMap((operation) =>
  documentedExamples(operation).flatMap(({ status, value }) =>
    "detail" in value ? [[operation, status, value] as const] : [],
  ),
);

test.each(REFUSALS)(
  "the example of %s, %i, is a response: %j",
  async (operation, status, value) => {
    const own = CASES.filter(([each]) => each === operation);
    const responses = await Promise.all(own.map(([, , respond]) => respond()));
    const bodies = responses
      .filter(({ statusCode }) => statusCode === status)
      .map(({ body }) => JSON.parse(body));
    expect(bodies).toContainEqual(value);
  },
);
