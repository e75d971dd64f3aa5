import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { LogEntry } from "../../lib/log.ts";
import { FAULTS, type FaultyEndpoint, startFaultyEndpoint } from "../support/faulty-endpoint.ts";
import { openContainer } from "../support/functions.ts";
import {
  HMAC_KEY_SECRET_ID,
  KEYRING_SETTINGS,
  MASTER_TOKEN_SECRET_ID,
} from "../support/secret-store.ts";
import { openSecrets, type Secrets } from "../support/secrets.ts";
import { forgedToken, goodSession, MASTER_TOKEN } from "../support/tokens.ts";

/** A way for Secrets Manager to fail. */
interface FaultCase {
  readonly name: string;
  readonly cause: (endpoint: FaultyEndpoint, secrets: Secrets) => unknown;
  /** What the log line for each failed read says the error was. */
  readonly error: string;
}

const value = (name: string, secret: string | Uint8Array, error: string): FaultCase => ({
  name,
  cause: (_endpoint, { put }) =>
    put(name.includes("master") ? MASTER_TOKEN_SECRET_ID : HMAC_KEY_SECRET_ID, secret),
  error,
});

const FAULT_CASES: readonly FaultCase[] = [
  { name: "a connection that is refused", cause: ({ refuse }) => refuse(), error: "ECONNREFUSED" },
  ...Object.entries(FAULTS).map(([name, [error]]): FaultCase => {
    const cause = (endpoint: FaultyEndpoint) => {
      endpoint.fault = name;
    };
    return { name, cause, error };
  }),
  value("a master token that is blank", "\n", "secret_empty"),
  value("a master token in broken JSON", '{"token":', "secret_json_invalid"),
  value("an HMAC key of 31 bytes", "k".repeat(31), "hmac_key_too_short"),
  value("a binary HMAC key", Buffer.alloc(48, 1), "secret_binary"),
];

const inAnHour = Math.floor(Date.now() / 1_000) + 3_600;
const GOOD = goodSession(inAnHour);
const FORGED = forgedToken(inAnHour);

/** Secrets Manager, endpoint and container of one test; the container's clock may be advanced. */
async function open() {
  const secrets = await openSecrets();
  const endpoint = await startFaultyEndpoint(secrets.url);
  onTestFinished(() => endpoint.close());
  let aheadSeconds = 0;
  const load = () => openContainer(endpoint.url, () => Date.now() + aheadSeconds * 1_000);
  const advance = (seconds: number) => {
    aheadSeconds += seconds;
  };
  return { secrets, endpoint, load, advance };
}

/** The outcomes of a good and a bad request to either function: statuses, decisions, or what is thrown. */
function outcomesIn({ exchange, authorize }: Awaited<ReturnType<typeof openContainer>>) {
  const asked = [
    exchange(MASTER_TOKEN).then(({ statusCode }) => statusCode),
    exchange("wrong").then(({ statusCode }) => statusCode),
    ...[GOOD, FORGED].map((token) =>
      authorize(token).then(
        (result) => "isAuthorized" in result && result.isAuthorized,
        (error: Error) => error.message,
      ),
    ),
  ];
  return Promise.all(asked);
}

const CACHES = ["cold", "warm, past FRESH", "warm, past STALE"];
const isRead = ({ event }: LogEntry) => event === "secret_read";

describe.each(FAULT_CASES)("while Secrets Manager fails with $name", ({ cause, error }) => {
  const isUnusable = /^(secret|hmac)_/.test(error);
  const reason = isUnusable ? "secrets_unusable" : "secrets_unavailable";

  test.each(CACHES)("a %s container responds as the contract says, and logs why", async (cache) => {
    const { secrets, endpoint, load, advance } = await open();
    const { freshSeconds, staleSeconds } = KEYRING_SETTINGS;
    if (cache === "cold") await cause(endpoint, secrets);
    const container = await load();
    if (cache !== "cold") {
      // One that has refused a forged token has read AWSPREVIOUS too.
      await container.authorize(FORGED);
      container.entries.length = 0;
      await cause(endpoint, secrets);
      advance(1 + (cache === "warm, past FRESH" ? freshSeconds : staleSeconds));
    }
    const isKnown = cache === "warm, past FRESH";
    const outcomes = isKnown ? [200, 401, true, false] : [503, 503, reason, reason];
    expect(await outcomesIn(container)).toEqual(outcomes);

    const reads = container.entries.filter(isRead);
    expect(reads).not.toEqual([]);
    const failed = {
      level: cache === "cold" ? "ERROR" : "WARN",
      outcome: "failed",
      reason,
      error,
    };
    for (const read of reads) expect(read).toMatchObject(failed);
    const decisions = container.entries.filter((entry) => !isRead(entry));
    const found = isKnown ? ["allowed", "allowed", "refused", "refused"] : Array(4).fill("failed");
    expect(decisions.map(({ outcome }) => outcome).sort()).toEqual(found);
    if (isKnown) return;
    for (const each of decisions) expect(each).toMatchObject({ level: "ERROR", reason });
  });
});

test("a failed read is one line for each secret: which, why, and how old the value is that is used instead", async () => {
  const { endpoint, load, advance } = await open();
  endpoint.fault = "AccessDeniedException";
  const failed = {
    event: "secret_read",
    outcome: "failed",
    reason: "secrets_unavailable",
    error: "AccessDeniedException",
    detail: "AccessDeniedException, said it",
  };
  const cold = (await load()).entries;
  await vi.waitFor(() => expect(cold).toHaveLength(2));
  const names = ["hmac_key", "master_token"] as const;
  expect(new Set(cold)).toEqual(
    new Set(names.map((secret) => ({ level: "ERROR", ...failed, secret }))),
  );
  endpoint.fault = undefined;
  const { exchange, entries } = await load();
  endpoint.fault = "AccessDeniedException";
  advance(100.4);
  expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 200 });
  const warned = {
    level: "WARN",
    ...failed,
    ageSeconds: expect.toSatisfy((age) => Number.isInteger(age) && age >= 100),
  };
  expect(entries.slice(0, 2)).toEqual(
    expect.arrayContaining(names.map((secret) => ({ ...warned, secret }))),
  );
});
