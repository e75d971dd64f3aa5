import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openKeyring, READ_TIME_LIMIT_MILLISECONDS } from "../../lib/open-keyring.ts";
import { bearer, exchangeRequest, httpApi2, restRequest } from "../support/events.ts";
import { FAULTS, startFaultyEndpoint } from "../support/faulty-endpoint.ts";
import { CONFIG, loadHandlers } from "../support/handlers.ts";
import { createTestLog } from "../support/logs.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "../support/secret-store.ts";
import { openTestSecretsManager } from "../support/secrets-manager.ts";
import { forgedToken, HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

const { createAuthorizer, createSession } = await loadHandlers();
const secretsManager = await openTestSecretsManager();
const endpoint = await startFaultyEndpoint(secretsManager.url);
process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint.url;
const OTHER_KEY = "k".repeat(48);

afterAll(async () => {
  await endpoint.close();
  await secretsManager.close();
});

// The functions' own wall clock: what they are on AWS, keyring and reader included.
beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));

afterEach(async () => {
  vi.useRealTimers();
  endpoint.fault = undefined;
  await secretsManager.putMasterToken(MASTER_TOKEN);
  await secretsManager.putHmacKey(HMAC_KEY);
  // Twice: AWSPREVIOUS holds the same key, and no test meets that of another.
  await secretsManager.putHmacKey(HMAC_KEY);
  secretsManager.reads.length = 0;
});

/** A container of each function, loaded as on AWS: the secrets' first read is behind it. */
async function openContainer() {
  const { log, entries } = createTestLog();
  const keyring = await openKeyring(CONFIG, log);
  const dependencies = { keyring, now: Date.now, log };
  const session = createSession({ ...dependencies, sessionTtlHours: 24 });
  const authorizer = createAuthorizer({
    ...dependencies,
    accepts: { master: true, native: false },
  });
  return {
    entries,
    exchange: (token: string) => session(exchangeRequest(bearer(token))),
    authorize: (token: string) => authorizer(httpApi2(bearer(token))),
    authorizeRest: (token: string) => authorizer(restRequest(bearer(token))),
  };
}

const advance = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
const nowSeconds = () => Math.floor(Date.now() / 1_000);

describe("over HTTP", () => {
  test("what the session function issues, the authorizer of another container accepts", async () => {
    const { body } = await (await openContainer()).exchange(MASTER_TOKEN);
    const { session_token } = JSON.parse(body);
    expect(session_token).toBe(sessionToken(MASTER_TOKEN, HMAC_KEY, nowSeconds() + 86_400));
    const { authorize } = await openContainer();
    expect(await authorize(session_token)).toMatchObject({ isAuthorized: true });
  });

  test("the load reads each secret once; 1,000 requests, and a minute, read none", async () => {
    const { authorize } = await openContainer();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, nowSeconds() + 3_600);
    await Promise.all(Array.from({ length: 1_000 }, () => authorize(token)));
    advance(59.9);
    await authorize(token);
    expect(secretsManager.reads.sort()).toEqual([
      `${HMAC_KEY_SECRET_ID} AWSCURRENT`,
      `${MASTER_TOKEN_SECRET_ID} AWSCURRENT`,
    ]);
  });

  test("secrets in their JSON form are taken", async () => {
    await secretsManager.putMasterToken(JSON.stringify({ token: MASTER_TOKEN }));
    await secretsManager.putHmacKey(JSON.stringify({ key: HMAC_KEY }));
    const { body } = await (await openContainer()).exchange(MASTER_TOKEN);
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, nowSeconds() + 86_400);
    expect(JSON.parse(body).session_token).toBe(token);
  });

  test("secrets with letters of any script, and of 4 KB, are taken as they are", async () => {
    for (const key of ["é🐾".repeat(8), "0123456789abcdef".repeat(256)]) {
      await secretsManager.putHmacKey(key);
      const { body } = await (await openContainer()).exchange(MASTER_TOKEN);
      const token = sessionToken(MASTER_TOKEN, key, nowSeconds() + 86_400);
      expect(JSON.parse(body).session_token).toBe(token);
    }
  });
});

describe("a rotation", () => {
  test("is seen at once by a container that holds the old key; tokens of both keys go on", async () => {
    const { authorize } = await openContainer();
    const exp = nowSeconds() + 3_600;
    const old = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    await authorize(old);
    await secretsManager.putHmacKey(OTHER_KEY);
    const tokens = [sessionToken(MASTER_TOKEN, OTHER_KEY, exp), old];
    for (const token of tokens) {
      expect(await authorize(token)).toMatchObject({ isAuthorized: true });
    }
  });

  test("a second one ends the tokens from before the first", async () => {
    const { authorize } = await openContainer();
    const old = sessionToken(MASTER_TOKEN, HMAC_KEY, nowSeconds() + 3_600);
    await secretsManager.putHmacKey(OTHER_KEY);
    advance(60);
    expect(await authorize(old)).toMatchObject({ isAuthorized: true });
    await secretsManager.putHmacKey("2".repeat(48));
    advance(60);
    expect(await authorize(old)).toEqual({ isAuthorized: false });
  });

  test("where there never was one, no AWSPREVIOUS is no error: a forgery is just refused", async () => {
    const fresh = await openTestSecretsManager();
    process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = fresh.url;
    const { authorize, entries } = await openContainer();
    process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint.url;
    expect(await authorize(forgedToken(nowSeconds() + 60))).toEqual({ isAuthorized: false });
    expect(entries).toMatchObject([{ outcome: "refused", reason: "bad_mac" }]);
    await fresh.close();
  });
});

test("a new master token ends every session within 60 s", async () => {
  const { authorize } = await openContainer();
  const token = sessionToken(MASTER_TOKEN, HMAC_KEY, nowSeconds() + 3_600);
  expect(await authorize(token)).toMatchObject({ isAuthorized: true });
  await secretsManager.putMasterToken("5f0d1c2b-6a79-4888-b9aa-bbccddeeff00");
  advance(60);
  expect(await authorize(token)).toEqual({ isAuthorized: false });
  expect(await authorize(MASTER_TOKEN)).toEqual({ isAuthorized: false });
});

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
    Object.entries(FAULTS).map(([name, fault]) => [
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
