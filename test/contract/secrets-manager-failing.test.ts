import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { READ_TIME_LIMIT_MILLISECONDS } from "../../lib/secrets/open-keyring.ts";
import { FAULTS, startFaultyEndpoint } from "../support/faulty-endpoint.ts";
import { openContainer } from "../support/functions.ts";
import { openTestSecretsManager } from "../support/secrets-manager.ts";
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

const secretsManager = await openTestSecretsManager();
const endpoint = await startFaultyEndpoint(secretsManager.url);
process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint.url;

afterAll(async () => {
  await endpoint.close();
  await secretsManager.close();
});

// The functions' own wall clock: what they are on AWS, keyring and reader included.
beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));

afterEach(async () => {
  vi.useRealTimers();
  endpoint.fault = undefined;
  await secretsManager.reset();
});

const advance = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
const nowSeconds = () => Math.floor(Date.now() / 1_000);

const unusable: Record<string, () => Promise<void>> = {
  "a master token that is blank": () => secretsManager.putMasterToken("\n"),
  "a master token in JSON that is empty": () => secretsManager.putMasterToken('{"token":""}'),
  "a master token in broken JSON": () => secretsManager.putMasterToken('{"token":'),
  "a binary master token": () => secretsManager.putMasterToken(Buffer.from(MASTER_TOKEN)),
  "an HMAC key of 31 bytes": () => secretsManager.putHmacKey("k".repeat(31)),
  "an HMAC key in JSON that is empty": () => secretsManager.putHmacKey('{"key":""}'),
  "a binary HMAC key": () => secretsManager.putHmacKey(Buffer.alloc(48, 1)),
};
const faults: Record<string, () => void | Promise<void>> = {
  ...Object.fromEntries(
    Object.entries(FAULTS)
      // It hangs as "headers and then nothing" does, and waits take most of these tests' time.
      .filter(([name]) => name !== "no answer")
      .map(([name, fault]) => [
        name,
        () => {
          endpoint.fault = fault;
        },
      ]),
  ),
  ...unusable,
};

describe.each(Object.entries(faults))("%s", (name, inject) => {
  const token = () => sessionToken(MASTER_TOKEN, HMAC_KEY, nowSeconds() + 3_600);

  test("cold: 503, no one is let in, the log says why", async () => {
    await inject();
    const { exchange, authorize, authorizeRest, entries } = await openContainer();
    const [exchanged, simple, policy] = await Promise.allSettled([
      exchange(MASTER_TOKEN),
      authorize(token()),
      authorizeRest(MASTER_TOKEN),
    ]);
    expect(exchanged).toMatchObject({
      value: {
        statusCode: 503,
        body: '{"detail":"Authentication is temporarily unavailable"}',
        headers: { "retry-after": "5" },
      },
    });
    const reason = expect.stringMatching(
      name in unusable ? /^secrets_unusable$/ : /^secrets_(unavailable|unusable)$/,
    );
    for (const outcome of [simple, policy]) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { message: reason } });
    }
    expect(entries).toContainEqual(
      expect.objectContaining({ event: "session_exchange", outcome: "failed", reason }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ event: "secret_read", level: "ERROR", error: expect.any(String) }),
    );
  });

  test("warm: nothing changes for clients until the secrets are 900 s old", async () => {
    const { exchange, authorize, entries } = await openContainer();
    await inject();
    advance(60);
    expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 200 });
    expect(await authorize(token())).toMatchObject({ isAuthorized: true });
    expect(await authorize(MASTER_TOKEN)).toMatchObject({ isAuthorized: true });
    expect(entries).toContainEqual(
      expect.objectContaining({ event: "secret_read", level: "WARN", ageSeconds: 60 }),
    );
    advance(840);
    expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 503 });
    await expect(authorize(token())).rejects.toThrow(/^secrets_/);
  });
});

test("a fault that has passed is forgotten: the next request works", async () => {
  endpoint.fault = FAULTS.AccessDeniedException;
  const { exchange } = await openContainer();
  expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 503 });
  endpoint.fault = undefined;
  expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 200 });
});

test("a fault that passes at once is not even noticed: a read is tried once more", async () => {
  for (const name of ["a connection that is cut at once", "500 with JSON", "ThrottlingException"]) {
    const fault = FAULTS[name];
    let left = 2;
    endpoint.fault = (response, body) => {
      left -= 1;
      if (left === 0) endpoint.fault = undefined;
      fault?.(response, body);
    };
    const { exchange, entries } = await openContainer();
    expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 200 });
    expect(entries.map(({ outcome }) => outcome)).toEqual(["allowed"]);
  }
});

test.each([
  ["AccessDeniedException", 1],
  ["ResourceNotFoundException", 1],
  ["DecryptionFailure", 1],
  ["ThrottlingException", 2],
  ["500 with JSON", 2],
  ["503 with nothing", 2],
  ["a connection that is cut at once", 2],
  ["JSON that ends in the middle", 2],
])("%s: each of the two reads takes %i requests", async (name, requests) => {
  endpoint.fault = FAULTS[name];
  endpoint.requests = 0;
  const { entries } = await openContainer();
  // The load ends with the first read that fails.
  await vi.waitFor(() => expect(entries).toHaveLength(2));
  expect(endpoint.requests).toBe(2 * requests);
});

test("two reads in a row, each at its time limit, leave a cold request under 3 s", () => {
  expect(2 * READ_TIME_LIMIT_MILLISECONDS).toBeLessThan(3_000);
});

test("where nothing listens, the answer is the contract's", async () => {
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = "http://127.0.0.1:1";
  const { exchange, entries } = await openContainer();
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint.url;
  expect(await exchange(MASTER_TOKEN)).toMatchObject({ statusCode: 503 });
  expect(entries).toContainEqual(expect.objectContaining({ error: "ECONNREFUSED" }));
});
