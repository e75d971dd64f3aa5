import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openContainer } from "../support/functions.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "../support/secret-store.ts";
import { openTestSecretsManager } from "../support/secrets-manager.ts";
import { forgedToken, HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

const secretsManager = await openTestSecretsManager();
const OTHER_KEY = "k".repeat(48);

afterAll(async () => {
  await secretsManager.close();
});

// The functions' own wall clock: what they are on AWS, keyring and reader included.
beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));

afterEach(async () => {
  vi.useRealTimers();
  await secretsManager.reset();
});

const advance = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
const nowSeconds = () => Math.floor(Date.now() / 1_000);

describe("over HTTP", () => {
  test("what the session function issues, the authorizer of another container accepts", async () => {
    const { body } = await (await openContainer(secretsManager.url)).exchange(MASTER_TOKEN);
    const { session_token } = JSON.parse(body);
    expect(session_token).toBe(sessionToken(MASTER_TOKEN, HMAC_KEY, nowSeconds() + 86_400));
    const { authorize } = await openContainer(secretsManager.url);
    expect(await authorize(session_token)).toMatchObject({ isAuthorized: true });
  });

  test("the load reads each secret once; 1,000 requests, and a minute, read none", async () => {
    const { authorize } = await openContainer(secretsManager.url);
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
    const { body } = await (await openContainer(secretsManager.url)).exchange(MASTER_TOKEN);
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, nowSeconds() + 86_400);
    expect(JSON.parse(body).session_token).toBe(token);
  });

  test("secrets with letters of any script, and of 4 KB, are taken as they are", async () => {
    for (const key of ["é🐾".repeat(8), "0123456789abcdef".repeat(256)]) {
      await secretsManager.putHmacKey(key);
      const { body } = await (await openContainer(secretsManager.url)).exchange(MASTER_TOKEN);
      const token = sessionToken(MASTER_TOKEN, key, nowSeconds() + 86_400);
      expect(JSON.parse(body).session_token).toBe(token);
    }
  });
});

describe("a rotation", () => {
  test("is seen at once by a container that holds the old key; tokens of both keys go on", async () => {
    const { authorize } = await openContainer(secretsManager.url);
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
    const { authorize } = await openContainer(secretsManager.url);
    const old = sessionToken(MASTER_TOKEN, HMAC_KEY, nowSeconds() + 3_600);
    await secretsManager.putHmacKey(OTHER_KEY);
    advance(60);
    expect(await authorize(old)).toMatchObject({ isAuthorized: true });
    await secretsManager.putHmacKey("2".repeat(48));
    advance(60);
    expect(await authorize(old)).toEqual({ isAuthorized: false });
  });

  test("without an AWSPREVIOUS version a forged token is refused, and nothing is logged as an error", async () => {
    const fresh = await openTestSecretsManager();
    const { authorize, entries } = await openContainer(fresh.url);
    expect(await authorize(forgedToken(nowSeconds() + 60))).toEqual({ isAuthorized: false });
    expect(entries).toMatchObject([{ outcome: "refused", reason: "bad_mac" }]);
    await fresh.close();
  });
});

test("a new master token ends every session within 60 s", async () => {
  const { authorize } = await openContainer(secretsManager.url);
  const token = sessionToken(MASTER_TOKEN, HMAC_KEY, nowSeconds() + 3_600);
  expect(await authorize(token)).toMatchObject({ isAuthorized: true });
  await secretsManager.putMasterToken("5f0d1c2b-6a79-4888-b9aa-bbccddeeff00");
  advance(60);
  expect(await authorize(token)).toEqual({ isAuthorized: false });
  expect(await authorize(MASTER_TOKEN)).toEqual({ isAuthorized: false });
});
