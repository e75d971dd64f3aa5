import { setTimeout as sleep } from "node:timers/promises";
import type { LogEntry } from "../../lib/log.ts";
import { bearer, httpApi2, restRequest } from "./events.ts";
import { FAULTS, type FaultyEndpoint, startFaultyEndpoint } from "./faulty-endpoint.ts";
import { openContainer } from "./functions.ts";
import { KEYRING_SETTINGS } from "./secret-store.ts";
import { openTestSecretsManager, type TestSecretsManager } from "./secrets-manager.ts";
import { forgedToken, HMAC_KEY, MASTER_TOKEN, sessionToken } from "./tokens.ts";

/** A way for Secrets Manager to fail. */
export interface FaultCase {
  readonly name: string;
  readonly cause: (endpoint: FaultyEndpoint, secretsManager: TestSecretsManager) => unknown;
  /** The reason code of the log line for the request. */
  readonly reason: "secrets_unavailable" | "secrets_unusable";
  /** What the log line for each failed read says the error was. */
  readonly error: string;
}

/** What the log says of a response that is as in faulty-endpoint.ts. */
const ERRORS: Record<string, string> = {
  "a connection that is cut at once": "ECONNRESET",
  "a connection that is cut in mid-response": "ECONNRESET",
  "no response": "TimeoutError",
  "headers and then nothing": "TimeoutError",
  "JSON that ends in the middle": "SyntaxError",
  "JSON with junk behind": "SyntaxError",
  "a page of HTML": "SyntaxError",
  "a text that quotes the secret": "SyntaxError",
  "an empty response": "SyntaxError",
  "JSON that is null": "TypeError",
  "JSON without a secret": "secret_empty",
  "a secret that is a number": "secret_binary",
  "a secret that is an object": "secret_binary",
  "binary that is no base64": "secret_binary",
  "500 with JSON": "InternalServiceError",
  "500 with a page of HTML that quotes the response": "SyntaxError",
  "503 with nothing": "SyntaxError",
  "400 with JSON that ends in the middle": "SyntaxError",
  "a redirect": "SyntaxError",
  ThrottlingException: "ThrottlingException",
  AccessDeniedException: "AccessDeniedException",
  ResourceNotFoundException: "ResourceNotFoundException",
  DecryptionFailure: "DecryptionFailure",
  "an exception of an unknown name": "FooException",
};

type Value = string | Uint8Array;

const masterToken = (name: string, value: Value, error: string): FaultCase => ({
  name,
  cause: (_endpoint, { putMasterToken }) => putMasterToken(value),
  reason: "secrets_unusable",
  error,
});

const hmacKey = (name: string, value: Value, error: string): FaultCase => ({
  name,
  cause: (_endpoint, { putHmacKey }) => putHmacKey(value),
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
  ...Object.entries(FAULTS).map(([name, fault]): FaultCase => {
    const error = ERRORS[name] ?? "";
    return {
      name,
      cause: (endpoint) => {
        endpoint.fault = fault;
      },
      reason: error.startsWith("secret_") ? "secrets_unusable" : "secrets_unavailable",
      error,
    };
  }),
  masterToken("a master token that is blank", "\n", "secret_empty"),
  masterToken("a master token in JSON that is empty", '{"token":""}', "secret_empty"),
  masterToken("a master token in broken JSON", '{"token":', "secret_json_invalid"),
  masterToken("a binary master token", Buffer.from(MASTER_TOKEN), "secret_binary"),
  hmacKey("an HMAC key of 31 bytes", "k".repeat(31), "hmac_key_too_short"),
  hmacKey("an HMAC key in JSON that is empty", '{"key":""}', "secret_empty"),
  hmacKey("a binary HMAC key", Buffer.alloc(48, 1), "secret_binary"),
];

/** What a container has when the fault strikes. */
export const CACHES = ["cold", "warm, past FRESH", "warm, past STALE"] as const;
export type Cache = (typeof CACHES)[number];

/** The longest duration of a cold request that the contract allows, milliseconds. */
export const COLD_LIMIT_MILLISECONDS = 3_000;

const inAnHour = Math.floor(Date.now() / 1000) + 3_600;
const GOOD = sessionToken(MASTER_TOKEN, HMAC_KEY, inAnHour);
const FORGED = forgedToken(inAnHour);

/** The requests that are made during each fault; the good ones would be allowed without it. */
export const REQUESTS = [
  { asked: "exchange, master token", function: "session", token: MASTER_TOKEN, isGood: true },
  { asked: "exchange, wrong token", function: "session", token: "wrong", isGood: false },
  { asked: "HTTP API, good token", function: "authorizer 2.0", token: GOOD, isGood: true },
  { asked: "HTTP API, forged token", function: "authorizer 2.0", token: FORGED, isGood: false },
  { asked: "REST API, good token", function: "authorizer REST", token: GOOD, isGood: true },
  { asked: "REST API, forged token", function: "authorizer REST", token: FORGED, isGood: false },
] as const;

type Request = (typeof REQUESTS)[number];

/** The outcome of one request. */
export interface Row {
  readonly request: Request;
  /** A status, an authorizer's response, or `throws …`. */
  readonly outcome: string;
  /** What was logged after the fault struck. */
  readonly logged: readonly LogEntry[];
  /** From the load of the module where that was cold, else from the request. */
  readonly milliseconds: number;
}

/** Runs all requests at once, each in a container of its own, while the fault lasts. */
export async function strike(fault: FaultCase, cache: Cache): Promise<Row[]> {
  const secretsManager = await openTestSecretsManager();
  const endpoint = await startFaultyEndpoint(secretsManager.url);
  let aheadSeconds = 0;
  const now = () => Date.now() + aheadSeconds * 1000;
  try {
    if (cache === "cold") {
      await fault.cause(endpoint, secretsManager);
      return await Promise.all(
        REQUESTS.map(async (request) => {
          const start = performance.now();
          const container = await openContainer(endpoint.url, now);
          return ask(request, container, start);
        }),
      );
    }
    const containers = await Promise.all(
      REQUESTS.map(async (request) => ({
        request,
        container: await openContainer(endpoint.url, now),
      })),
    );
    // A container that has refused a forged token has read AWSPREVIOUS too.
    for (const { container } of containers) {
      await container.authorize(FORGED);
      container.entries.length = 0;
    }
    await fault.cause(endpoint, secretsManager);
    const { freshSeconds, staleSeconds } = KEYRING_SETTINGS;
    aheadSeconds = 1 + (cache === "warm, past FRESH" ? freshSeconds : staleSeconds);
    return await Promise.all(
      containers.map(({ request, container }) => ask(request, container, performance.now())),
    );
  } finally {
    await endpoint.close();
    await secretsManager.close();
  }
}

type Container = Awaited<ReturnType<typeof openContainer>>;

async function ask(request: Request, container: Container, start: number): Promise<Row> {
  const outcome = await Promise.race([outcomeOf(request, container), timeLimit(start)]);
  const milliseconds = performance.now() - start;
  return { request, outcome, logged: container.entries, milliseconds };
}

async function outcomeOf({ token, ...request }: Request, container: Container) {
  try {
    if (request.function === "session") {
      return String((await container.exchange(token)).statusCode);
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

async function timeLimit(start: number): Promise<string> {
  await sleep(COLD_LIMIT_MILLISECONDS - (performance.now() - start), undefined, { ref: false });
  return `nothing within ${COLD_LIMIT_MILLISECONDS} ms`;
}

/** The contract: the outcome of a request while a fault lasts. */
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
