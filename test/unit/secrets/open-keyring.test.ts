import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openKeyring } from "../../../lib/secrets/open-keyring.ts";
import { FAULTS, startFaultyEndpoint } from "../../support/faulty-endpoint.ts";
import { createTestLog } from "../../support/logs.ts";
import { KEYRING_SETTINGS } from "../../support/secret-store.ts";
import { openTestSecretsManager, type TestSecretsManager } from "../../support/secrets-manager.ts";

let secretsManager: TestSecretsManager;
let endpoint: Awaited<ReturnType<typeof startFaultyEndpoint>>;

beforeEach(async () => {
  secretsManager = await openTestSecretsManager();
  endpoint = await startFaultyEndpoint(secretsManager.url);
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDTEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", endpoint.url);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await endpoint.close();
  await secretsManager.close();
});

const ACCESS_DENIED = {
  event: "secret_read",
  outcome: "failed",
  reason: "secrets_unavailable",
  error: "AccessDeniedException",
  detail: "AccessDeniedException, said it",
};

test("a first read that fails is logged as an error, and does not reject", async () => {
  endpoint.fault = FAULTS.AccessDeniedException;
  const { log, entries } = createTestLog();
  const keyring = await openKeyring(KEYRING_SETTINGS, log);
  expect(entries).toEqual([
    { level: "ERROR", ...ACCESS_DENIED, secret: "master_token" },
    { level: "ERROR", ...ACCESS_DENIED, secret: "hmac_key" },
  ]);
  await expect(keyring.current()).rejects.toMatchObject({
    cause: { name: "AccessDeniedException" },
  });
});

test("a later one that fails is a warning, with the age of the value that is used", async () => {
  let seconds = 0;
  const { log, entries } = createTestLog();
  const keyring = await openKeyring(KEYRING_SETTINGS, log, () => seconds * 1_000);
  endpoint.fault = FAULTS.AccessDeniedException;
  seconds = 61.4;
  await keyring.current();
  expect(entries).toEqual([
    { level: "WARN", ...ACCESS_DENIED, secret: "master_token", ageSeconds: 61 },
    { level: "WARN", ...ACCESS_DENIED, secret: "hmac_key", ageSeconds: 61 },
  ]);
});

test("a secret that is unusable is logged by its own reason", async () => {
  await secretsManager.putHmacKey("k".repeat(31));
  const { log, entries } = createTestLog();
  await openKeyring(KEYRING_SETTINGS, log);
  expect(entries).toEqual([
    {
      level: "ERROR",
      event: "secret_read",
      outcome: "failed",
      reason: "secrets_unusable",
      secret: "hmac_key",
      error: "hmac_key_too_short",
      detail: "the HMAC key has 31 bytes; it must have 32 or more",
    },
  ]);
});
