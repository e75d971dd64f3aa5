import { describe, expect, onTestFinished, test, vi } from "vitest";
import { bearer, httpApi2, restRequest } from "../support/events.ts";
import {
  CACHES,
  contractOf,
  FAULT_CASES,
  openContainer,
  REQUESTS,
  strike,
} from "../support/fault-table.ts";
import { FAULTS } from "../support/faulty-endpoint.ts";
import { startFaultySecretsManager } from "../support/faulty-secrets-manager.ts";
import { MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

vi.setConfig({ testTimeout: 30_000 });

const OF_THE_PREVIOUS_KEY = sessionToken(MASTER_TOKEN, "P".repeat(64), 4_102_444_800);

test("a container that has not read AWSPREVIOUS yet refuses nobody that it could have to accept: it says that it cannot tell", async () => {
  const secretsManager = await startFaultySecretsManager();
  onTestFinished(() => secretsManager.close());
  const { authorizer } = await openContainer(secretsManager.url, Date.now);
  secretsManager.fault = FAULTS["500 with JSON"];
  await expect(authorizer(httpApi2(bearer(OF_THE_PREVIOUS_KEY)))).rejects.toThrow(
    "secrets_unavailable",
  );
  await expect(authorizer(restRequest(bearer(OF_THE_PREVIOUS_KEY)))).rejects.toThrow(
    "secrets_unavailable",
  );
});

describe.each(FAULT_CASES)("while Secrets Manager fails with $name", (fault) => {
  test.each(CACHES)(
    "a container that is %s answers as the contract says, lets nobody in, and logs why",
    // The contract's 3 s for a cold request, on a machine that runs other tests at the same time.
    { retry: 2 },
    async (cache) => {
      const rows = await strike(fault, cache);
      expect(rows.map(({ request, answered }) => [request.asked, answered])).toEqual(
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
