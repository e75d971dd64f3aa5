import { setTimeout as sleep } from "node:timers/promises";
import { createAuthorizer } from "../../lib/functions/authorizer.ts";
import { createSession } from "../../lib/functions/session.ts";
import type { LogEntry } from "../../lib/log.ts";
import { openKeyring } from "../../lib/secrets/open-keyring.ts";
import { bearer, exchangeRequest, httpApi2, restRequest } from "./events.ts";
import { FAULTS } from "./faulty-endpoint.ts";
import { type FaultySecretsManager, startFaultySecretsManager } from "./faulty-secrets-manager.ts";
import { KEYRING_SETTINGS } from "./handlers.ts";
import { createTestLog } from "./logs.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "./secret-store.ts";
import { AWS_ENVIRONMENT } from "./secrets-manager.ts";
import { forgedToken, HMAC_KEY, MASTER_TOKEN, sessionToken } from "./tokens.ts";

Object.assign(process.env, AWS_ENVIRONMENT);

/** A way for Secrets Manager to fail. */
export interface FaultCase {
  readonly name: string;
  readonly cause: (secretsManager: FaultySecretsManager) => unknown;
  /** The reason code of the log line for the request. */
  readonly reason: "secrets_unavailable" | "secrets_unusable";
  /** What the log line for each failed read says the error was. */
  readonly error: string;
}

const answering = (fault: string, error: string, name = fault): FaultCase => ({
  name,
  cause: (secretsManager) => {
    secretsManager.fault = FAULTS[fault];
  },
  reason: "secrets_unavailable",
  error,
});

const holding = (name: string, error: string, id: string, value: string | Buffer): FaultCase => ({
  name,
  cause: ({ values }) => {
    values[id] = value;
  },
  reason: "secrets_unusable",
  error,
});

export const FAULT_CASES: readonly FaultCase[] = [
  {
    name: "a connection that is refused",
    cause: ({ refuse }) => refuse(),
    reason: "secrets_unavailable",
    error: "ECONNREFUSED",
  },
  answering("no answer", "TimeoutError", "no answer until the time limit"),
  answering("a connection that is cut in mid-answer", "ECONNRESET"),
  answering("500 with JSON", "InternalServiceError", "500"),
  answering("ThrottlingException", "ThrottlingException"),
  answering("AccessDeniedException", "AccessDeniedException"),
  answering("ResourceNotFoundException", "ResourceNotFoundException"),
  answering("DecryptionFailure", "DecryptionFailure"),
  answering("a page of HTML", "SyntaxError", "an answer that is no JSON"),
  holding("a secret that is broken JSON", "secret_json_invalid", MASTER_TOKEN_SECRET_ID, "{broken"),
  holding("an empty secret", "secret_empty", MASTER_TOKEN_SECRET_ID, ""),
  holding("a key of 31 bytes", "hmac_key_too_short", HMAC_KEY_SECRET_ID, "x".repeat(31)),
  holding("a binary secret", "secret_binary", HMAC_KEY_SECRET_ID, Buffer.from(HMAC_KEY)),
];

/** What a container has when the fault strikes. */
export const CACHES = ["cold", "warm, past FRESH", "warm, past STALE"] as const;
export type Cache = (typeof CACHES)[number];

/** The longest that the contract lets a cold request take, milliseconds. */
export const COLD_LIMIT_MILLISECONDS = 3_000;

const inAnHour = Math.floor(Date.now() / 1000) + 3_600;
const GOOD = sessionToken(MASTER_TOKEN, HMAC_KEY, inAnHour);
const FORGED = forgedToken(inAnHour);

/** The requests that each fault is tried on: who would be let in, and who never may be. */
export const REQUESTS = [
  { asked: "exchange, master token", function: "session", token: MASTER_TOKEN, isGood: true },
  { asked: "exchange, wrong token", function: "session", token: "wrong", isGood: false },
  { asked: "HTTP API, good token", function: "authorizer 2.0", token: GOOD, isGood: true },
  { asked: "HTTP API, forged token", function: "authorizer 2.0", token: FORGED, isGood: false },
  { asked: "REST API, good token", function: "authorizer REST", token: GOOD, isGood: true },
  { asked: "REST API, forged token", function: "authorizer REST", token: FORGED, isGood: false },
] as const;

type Request = (typeof REQUESTS)[number];

/** What became of one request. */
export interface Row {
  readonly request: Request;
  /** A status, an authorizer's answer, or `throws …`. */
  readonly answered: string;
  /** What was logged after the fault struck. */
  readonly logged: readonly LogEntry[];
  /** From the load of the module where that was cold, else from the request. */
  readonly milliseconds: number;
}

/** Runs all requests at once, each in a container of its own, while the fault lasts. */
export async function strike(fault: FaultCase, cache: Cache): Promise<Row[]> {
  const secretsManager = await startFaultySecretsManager();
  const { url } = secretsManager;
  let aheadSeconds = 0;
  const now = () => Date.now() + aheadSeconds * 1000;
  try {
    if (cache === "cold") {
      await fault.cause(secretsManager);
      return await Promise.all(
        REQUESTS.map(async (request) => {
          const start = performance.now();
          const container = await openContainer(url, now);
          return ask(request, container, start);
        }),
      );
    }
    const containers = await Promise.all(REQUESTS.map(() => openContainer(url, now)));
    // As any container has seen that is on the internet for a while: so it has read AWSPREVIOUS too.
    for (const { authorizer, entries } of containers) {
      await authorizer(httpApi2(bearer(FORGED)));
      entries.length = 0;
    }
    await fault.cause(secretsManager);
    const { secretsFreshSeconds, secretsStaleSeconds } = KEYRING_SETTINGS;
    aheadSeconds = 1 + (cache === "warm, past FRESH" ? secretsFreshSeconds : secretsStaleSeconds);
    return await Promise.all(
      REQUESTS.map((request, index) => {
        const container = containers[index];
        if (container === undefined) throw new Error("a container for each request");
        return ask(request, container, performance.now());
      }),
    );
  } finally {
    await secretsManager.close();
  }
}

/** The two functions over a keyring of their own, as their modules make them. */
export async function openContainer(url: string, now: () => number) {
  const { log, entries } = createTestLog();
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = url;
  const keyring = await openKeyring(KEYRING_SETTINGS, log, now);
  const accepts = ["session", "pairing", "master"] as const;
  return {
    entries,
    session: createSession({ keyring, sessionTtlHours: 24, setsCookie: false, now, log }),
    authorizer: createAuthorizer({ keyring, accepts, allowedOrigins: [], now, log }),
  };
}

type TestContainer = Awaited<ReturnType<typeof openContainer>>;

async function ask(request: Request, container: TestContainer, start: number): Promise<Row> {
  const answered = await Promise.race([answerOf(request, container), unlessItTakesTooLong(start)]);
  const milliseconds = performance.now() - start;
  return { request, answered, logged: container.entries, milliseconds };
}

async function answerOf({ token, ...request }: Request, container: TestContainer): Promise<string> {
  try {
    if (request.function === "session") {
      const answer = await container.session(exchangeRequest(bearer(token)));
      return String(answer.statusCode);
    }
    const event = request.function === "authorizer 2.0" ? httpApi2 : restRequest;
    const result = await container.authorizer(event(bearer(token)));
    return "isAuthorized" in result
      ? `isAuthorized: ${result.isAuthorized}`
      : `${result.policyDocument.Statement[0]?.Effect}`;
  } catch (error) {
    return `throws ${error instanceof Error ? error.message : error}`;
  }
}

async function unlessItTakesTooLong(start: number): Promise<string> {
  await sleep(COLD_LIMIT_MILLISECONDS - (performance.now() - start), undefined, { ref: false });
  return `nothing within ${COLD_LIMIT_MILLISECONDS} ms`;
}

/** The contract: what a request must be answered while a fault lasts. */
export function contractOf({ reason }: FaultCase, cache: Cache, request: Request): string {
  const isKnown = cache === "warm, past FRESH";
  switch (request.function) {
    case "session":
      return isKnown ? (request.isGood ? "200" : "401") : "503";
    case "authorizer 2.0":
      return isKnown ? `isAuthorized: ${request.isGood}` : `throws ${reason}`;
    case "authorizer REST":
      if (!isKnown) return `throws ${reason}`;
      return request.isGood ? "Allow" : "throws Unauthorized";
  }
}
