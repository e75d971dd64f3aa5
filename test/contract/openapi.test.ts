import { expect, test } from "vitest";
import { NotStored, Overtaken, UnusableSecret, UpstreamFailed } from "../../lib/errors.ts";
import { healthz } from "../../lib/functions/healthz.ts";
import { createPage } from "../../lib/functions/page.ts";
import { explainFailure } from "../../lib/functions/regenerate-failure.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { seenOf } from "../support/documented.ts";
import {
  apiRequest,
  bearer,
  type ClientRequest,
  cookie,
  exchangeRequest,
  loginRequest,
  qrRequest,
  statusRequest,
  verifyRequest,
} from "../support/events.ts";
import { openBroken, openFunctions } from "../support/functions.ts";
import { undocumented } from "../support/openapi.ts";
import { documentedExamples, documentedStatuses, OPERATIONS } from "../support/openapi-document.ts";
import { regenerateOver, request, requestOf } from "../support/regeneration.ts";
import { named } from "../support/secret-store.ts";
import { openSecrets } from "../support/secrets.ts";
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

type Functions = ReturnType<typeof openFunctions>;
type Respond = (
  functions: Pick<Functions, "session" | "login" | "logout" | "status" | "qr" | "verify">,
) => Promise<HttpResponse>;
type Case = readonly [operation: string, what: string, respond: () => Promise<HttpResponse>];

/** The secret in the document's examples. */
const SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:MasterToken-a1b2c3";
const FOREIGN = { headers: { Origin: "https://evil.example" } };
const TOKEN = sessionToken(MASTER_TOKEN, HMAC_KEY, openFunctions().exp);

/** The functions while Secrets Manager fails. */
function withoutSecrets(): Functions {
  const functions = openFunctions();
  functions.store.values.master = named("InternalServiceError", "Secrets Manager failed");
  return functions;
}

/** What an operation with secrets responds in any case: once with them, once without, once when all is broken. */
const anyway = (operation: string, respond: Respond): Case[] => [
  [operation, "no secrets", () => respond(withoutSecrets())],
  [operation, "an error of our own", () => respond(openBroken(new TypeError("broken")))],
];
const one = (operation: string, what: string, respond: Respond): Case => [
  operation,
  what,
  () => respond(openFunctions({ hasPocketPaw: true })),
];
const exchange = (token: ClientRequest) => (functions: Pick<Functions, "session">) =>
  functions.session(exchangeRequest(token));
const login =
  (body: unknown, from: ClientRequest = {}) =>
  (functions: Pick<Functions, "login">) =>
    functions.login(loginRequest(body, from));
const logout = (from: ClientRequest) => (functions: Pick<Functions, "logout">) =>
  functions.logout(apiRequest("POST /api/auth/logout", from));
const status = (found: Record<string, string>) => (functions: Pick<Functions, "status">) =>
  functions.status(statusRequest(found));
const qr =
  (found: Record<string, string>, headers = {}) =>
  (functions: Pick<Functions, "qr">) =>
    functions.qr(qrRequest({ method: "master", ...found }, headers));
const verify = (about: ClientRequest) => (functions: Pick<Functions, "verify">) =>
  functions.verify(verifyRequest(about));

/** A regeneration by a caller. */
const regenerate = (what: string, caller: Record<string, string>, version?: string): Case => [
  "POST /token/regenerate",
  what,
  async () => {
    const { client } = await openSecrets();
    const event = version ? requestOf(version, caller) : await request(client, caller);
    return regenerateOver(client).regenerate(event);
  },
];
const SESSION_CALLER = { method: "session", expiresAt: "4102444800" };
const NEW_TOKEN = "0e2f4d1c-5b6a-4798-8a9b-0c1d2e3f4a5b";

const CASES: readonly Case[] = [
  one("POST /auth/session", "the master token", exchange(bearer(MASTER_TOKEN))),
  one("POST /auth/session", "no token", exchange({})),
  one("POST /auth/session", "a wrong token", exchange(bearer("wrong"))),
  ...anyway("POST /auth/session", exchange(bearer(MASTER_TOKEN))),
  one("GET /auth/session", "a session", status({ method: "session", expiresAt: "1795581001" })),
  one("GET /auth/session", "the master token", status({ method: "master" })),
  one("POST /auth/login", "the master token", login({ token: MASTER_TOKEN })),
  one("POST /auth/login", "a wrong token", login({ token: "wrong" })),
  one("POST /auth/login", "no JSON", login("token=wrong")),
  one("POST /auth/login", "a large body", login({ token: "a".repeat(9_000) })),
  one("POST /auth/login", "another origin", login({ token: MASTER_TOKEN }, FOREIGN)),
  ...anyway("POST /auth/login", login({ token: MASTER_TOKEN })),
  one("POST /auth/logout", "the own origin", logout({})),
  one("POST /auth/logout", "another origin", logout(FOREIGN)),
  one("GET /qr", "the master token", qr({})),
  one("GET /qr", "an older version", qr({ masterTokenVersion: "an-older-version" })),
  one("GET /qr", "no host", qr({}, { Host: "" })),
  ...anyway("GET /qr", qr({})),
  one("GET /auth/verify", "a session", verify(bearer(TOKEN))),
  one("GET /auth/verify", "the master token", verify(bearer(MASTER_TOKEN))),
  one("GET /auth/verify", "no credential", verify({})),
  one("GET /auth/verify", "a wrong token", verify(bearer("wrong"))),
  one(
    "GET /auth/verify",
    "another origin",
    verify({ method: "POST", ...FOREIGN, ...cookie(TOKEN) }),
  ),
  one("GET /auth/verify", "an odd path", verify({ path: "/api/qr\n", ...bearer(TOKEN) })),
  ...anyway("GET /auth/verify", verify(bearer(TOKEN))),
  regenerate("the master token", {}),
  regenerate("a session", SESSION_CALLER),
  regenerate("an older version", {}, "an-older-version"),
  ...[
    [new UpstreamFailed("upstream_unreachable", "PocketPaw cannot be reached"), true] as const,
    [new NotStored(NEW_TOKEN, new Error("unreachable")), true] as const,
    [new NotStored(NEW_TOKEN, new Error("unreachable")), false] as const,
    [new Overtaken(), true] as const,
    [new UnusableSecret("secret_empty", "the secret is empty"), true] as const,
    [new TypeError("broken"), true] as const,
  ].map(
    ([error, mayHoldToken]): Case => [
      "POST /token/regenerate",
      error.name,
      async () => explainFailure(error, SECRET_ARN, mayHoldToken).response,
    ],
  ),
  ["GET /gateway", "anyone", createPage({ hasPocketPaw: true })],
  ["GET /healthz", "anyone", healthz],
];

test.each(CASES)("%s with %s responds as docs/openapi.yaml says", async (operation, _, respond) => {
  expect(undocumented(operation, seenOf(await respond()))).toEqual([]);
});

/** Statuses that API Gateway and the authorizer give for a route, before or instead of its function. */
const BY_API_GATEWAY: Readonly<Record<string, readonly number[]>> = {
  "POST /auth/session": [413, 429],
  "GET /auth/session": [403, 429, 500, 503],
  "POST /auth/login": [429],
  "POST /auth/logout": [413, 429, 500, 503],
  "GET /qr": [403, 429],
  "POST /token/regenerate": [403, 413, 429],
  "GET /auth/verify": [429],
  "GET /gateway": [429, 500, 503],
  "GET /healthz": [429, 500, 503],
  // API Gateway drops the body of the response to GET.
  "HEAD /gateway": [200, 429, 500, 503],
  "HEAD /healthz": [200, 429, 500, 503],
};

const responsesTo = (operation: string) =>
  Promise.all(CASES.filter(([each]) => each === operation).map(([, , respond]) => respond()));

test.each(OPERATIONS)("%s has exactly the statuses in docs/openapi.yaml", async (operation) => {
  const statuses = (await responsesTo(operation)).map(({ statusCode }) => statusCode);
  const all = new Set([...statuses, ...(BY_API_GATEWAY[operation] ?? [])]);
  expect([...all].sort()).toEqual(documentedStatuses(operation).sort());
});

const REFUSALS = OPERATIONS.flatMap((operation) =>
  documentedExamples(operation).flatMap(({ status: code, value }) =>
    "detail" in value ? [[operation, code, value] as const] : [],
  ),
);

test.each(REFUSALS)("the example of %s, %i, is a response: %j", async (operation, code, value) => {
  const bodies = (await responsesTo(operation))
    .filter(({ statusCode }) => statusCode === code)
    .map(({ body }) => JSON.parse(body));
  expect(bodies).toContainEqual(value);
});
