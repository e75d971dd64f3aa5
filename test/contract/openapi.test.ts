import { expect, test } from "vitest";
import { NotStored, Overtaken, UnusableSecret, UpstreamFailed } from "../../lib/errors.ts";
import { healthz } from "../../lib/functions/healthz.ts";
import { createPage } from "../../lib/functions/page.ts";
import { explainFailure } from "../../lib/functions/regenerate-failure.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import {
  apiRequest,
  bearer,
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
import { openRegeneration } from "../support/regeneration.ts";
import { named } from "../support/secret-store.ts";
import { goodSession, MASTER_TOKEN } from "../support/tokens.ts";

type Case = readonly [operation: string, what: string, respond: () => Promise<HttpResponse>];

/** The secret in the document's examples. */
const SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:MasterToken-a1b2c3";
const TOKEN = goodSession(openFunctions().exp);
const FOREIGN = { headers: { Origin: "https://evil.example" } };
const CROSS_ORIGIN = { method: "POST", ...FOREIGN, ...cookie(TOKEN) };

/** The functions while Secrets Manager fails. */
function withoutSecrets() {
  const functions = openFunctions();
  functions.store.values.master = named("InternalServiceError", "Secrets Manager failed");
  return functions;
}

const FUNCTIONS = {
  "POST /auth/session": "session",
  "GET /auth/session": "status",
  "POST /auth/login": "login",
  "POST /auth/logout": "logout",
  "GET /qr": "qr",
  "GET /auth/verify": "verify",
} as const;

/** What an operation responds to an event. */
const one = (
  operation: keyof typeof FUNCTIONS,
  what: string,
  event: object,
  open: () => ReturnType<typeof openBroken> = () => openFunctions({ hasPocketPaw: true }),
): Case => [operation, what, () => open()[FUNCTIONS[operation]](event as never)];
/** The same for an operation with secrets: while they cannot be read, and when all is broken. */
const failing = (operation: keyof typeof FUNCTIONS, event: object): Case[] => [
  one(operation, "no secrets", event, withoutSecrets),
  one(operation, "an error of our own", event, () => openBroken(new TypeError("broken"))),
];
const qr = (found: Record<string, string> = {}, headers = {}) =>
  qrRequest({ method: "master", ...found }, headers);

/** A regeneration by a caller. */
const regenerate = (what: string, caller: Record<string, string>): Case => [
  "POST /token/regenerate",
  what,
  async () => (await openRegeneration()).ask(caller),
];
const SESSION_CALLER = { method: "session", expiresAt: "4102444800" };
const NEW_TOKEN = "0e2f4d1c-5b6a-4798-8a9b-0c1d2e3f4a5b";

const CASES: readonly Case[] = [
  one("POST /auth/session", "the master token", exchangeRequest(bearer(MASTER_TOKEN))),
  one("POST /auth/session", "no token", exchangeRequest({})),
  one("POST /auth/session", "a wrong token", exchangeRequest(bearer("wrong"))),
  ...failing("POST /auth/session", exchangeRequest(bearer(MASTER_TOKEN))),
  one("GET /auth/session", "a session", statusRequest(SESSION_CALLER)),
  one("GET /auth/session", "the master token", statusRequest({ method: "master" })),
  one("POST /auth/login", "the master token", loginRequest({ token: MASTER_TOKEN })),
  one("POST /auth/login", "a wrong token", loginRequest({ token: "wrong" })),
  one("POST /auth/login", "no JSON", loginRequest("token=wrong")),
  one("POST /auth/login", "a large body", loginRequest({ token: "a".repeat(9_000) })),
  one("POST /auth/login", "another origin", loginRequest({ token: MASTER_TOKEN }, FOREIGN)),
  ...failing("POST /auth/login", loginRequest({ token: MASTER_TOKEN })),
  one("POST /auth/logout", "the own origin", apiRequest("POST /api/auth/logout", {})),
  one("POST /auth/logout", "another origin", apiRequest("POST /api/auth/logout", FOREIGN)),
  one("GET /qr", "the master token", qr()),
  one("GET /qr", "an older version", qr({ masterTokenVersion: "an-older-version" })),
  one("GET /qr", "no host", qr({}, { Host: "" })),
  ...failing("GET /qr", qr()),
  one("GET /auth/verify", "a session", verifyRequest(bearer(TOKEN))),
  one("GET /auth/verify", "the master token", verifyRequest(bearer(MASTER_TOKEN))),
  one("GET /auth/verify", "no credential", verifyRequest({})),
  one("GET /auth/verify", "a wrong token", verifyRequest(bearer("wrong"))),
  one("GET /auth/verify", "another origin", verifyRequest(CROSS_ORIGIN)),
  one("GET /auth/verify", "an odd path", verifyRequest({ path: "/api/qr\n", ...bearer(TOKEN) })),
  ...failing("GET /auth/verify", verifyRequest(bearer(TOKEN))),
  regenerate("the master token", {}),
  regenerate("a session", SESSION_CALLER),
  regenerate("an older version", { masterTokenVersion: "an-older-version" }),
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
  const { statusCode: status, headers, cookies = [], body } = await respond();
  expect(undocumented(operation, { status, headers, cookies, body })).toEqual([]);
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
