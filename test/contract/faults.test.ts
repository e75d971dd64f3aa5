import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { READ_TIME_LIMIT_MILLISECONDS } from "../../lib/secrets/open-keyring.ts";
import { bearer, restRequest } from "../support/events.ts";
import { CACHES, contractOf, FAULT_CASES, REQUESTS, strike } from "../support/fault-table.ts";
import { FAULTS, startFaultyEndpoint } from "../support/faulty-endpoint.ts";
import { openContainer } from "../support/functions.ts";
import { openTestSecretsManager } from "../support/secrets-manager.ts";
import { MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

vi.setConfig({ testTimeout: 30_000 });

const secretsManager = await openTestSecretsManager();
const endpoint = await startFaultyEndpoint(secretsManager.url);

afterAll(async () => {
  await endpoint.close();
  await secretsManager.close();
});

afterEach(() => {
  endpoint.fault = undefined;
});

describe.each(FAULT_CASES)("while Secrets Manager fails with $name", (fault) => {
  test.each(CACHES)(
    "a container that is %s responds as the contract says, allows no invalid credential, and logs why",
    // The contract's 3 s for a cold request, on a machine that runs other tests at the same time.
    { retry: 2 },
    async (cache) => {
      const rows = await strike(fault, cache);
      expect(rows.map(({ request, outcome }) => [request.asked, outcome])).toEqual(
        REQUESTS.map((request) => [request.asked, contractOf(fault, cache, request)]),
      );
      for (const { logged, request } of rows) {
        const reads = logged.filter(({ event }) => event === "secret_read");
        expect(reads).not.toEqual([]);
        for (const read of reads) {
          expect(read).toMatchObject({
            outcome: "failed",
            reason: fault.reason,
            error: fault.error,
          });
          expect(read.level).toBe(cache === "cold" ? "ERROR" : "WARN");
        }
        const decision = logged.find(({ event }) => event !== "secret_read");
        expect(decision).toMatchObject(
          cache === "warm, past FRESH"
            ? { outcome: request.isGood ? "allowed" : "refused" }
            : { level: "ERROR", outcome: "failed", reason: fault.reason },
        );
      }
    },
  );
});

test("with the previous key not yet read, a token that may be its own is not refused: the authorizer throws", async () => {
  const { authorize, authorizer } = await openContainer(endpoint.url);
  const ofThePreviousKey = sessionToken(MASTER_TOKEN, "P".repeat(64), 4_102_444_800);
  endpoint.fault = FAULTS["500 with JSON"];
  await expect(authorize(ofThePreviousKey)).rejects.toThrow(/^secrets_unavailable$/);
  await expect(authorizer(restRequest(bearer(ofThePreviousKey)))).rejects.toThrow(
    /^secrets_unavailable$/,
  );
});

test("the log says how old the values are that are used instead", async () => {
  let aheadSeconds = 0;
  const now = () => Date.now() + aheadSeconds * 1_000;
  const { exchange, entries } = await openContainer(endpoint.url, now);
  endpoint.fault = FAULTS.AccessDeniedException;
  aheadSeconds = 100;
  expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 200 });
  expect(entries).toContainEqual(
    expect.objectContaining({ event: "secret_read", level: "WARN", ageSeconds: 100 }),
  );
});

test("when the fault is over, the next request succeeds", async () => {
  endpoint.fault = FAULTS.AccessDeniedException;
  const { exchange } = await openContainer(endpoint.url);
  expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 503 });
  endpoint.fault = undefined;
  expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 200 });
});

test.each(["a connection that is cut at once", "500 with JSON", "ThrottlingException"])(
  "a fault of one request, %s, is not noticed: the read is repeated",
  async (name) => {
    const fault = FAULTS[name];
    let left = 2;
    endpoint.fault = (response, body) => {
      left -= 1;
      if (left === 0) endpoint.fault = undefined;
      fault?.(response, body);
    };
    const { exchange, entries } = await openContainer(endpoint.url);
    expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 200 });
    expect(entries.map(({ outcome }) => outcome)).toEqual(["allowed"]);
  },
);

test.each([
  ["AccessDeniedException", 1],
  ["ResourceNotFoundException", 1],
  ["DecryptionFailure", 1],
  ["ThrottlingException", 2],
  ["500 with JSON", 2],
  ["503 with nothing", 2],
  ["a connection that is cut at once", 2],
  ["JSON that ends in the middle", 2],
])("%s: each of the two reads makes %i requests", async (name, requests) => {
  endpoint.fault = FAULTS[name];
  endpoint.requests = 0;
  const { entries } = await openContainer(endpoint.url);
  // The load ends with the first read that fails.
  await vi.waitFor(() => expect(entries).toHaveLength(2));
  expect(endpoint.requests).toBe(2 * requests);
});

test("two reads in a row, each at its time limit, leave a cold request under 3 s", () => {
  expect(2 * READ_TIME_LIMIT_MILLISECONDS).toBeLessThan(3_000);
});
