import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createLocalClient } from "../../local/client.ts";
import { startSecretsManager } from "../../local/secrets-manager/server.ts";
import {
  apiRequest,
  bearer,
  EVENT_KINDS,
  exchangeRequest,
  httpApi2,
  qrRequest,
  statusRequest,
  WHOLE_API_AND_STAGE,
} from "../support/events.ts";
import { packageFunctions } from "../support/packaged.ts";
import { type FunctionProcess, startFunction } from "../support/runtime-api.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";

/*
 * The zips that are deployed, under the runtime client that AWS runs them with. What works on an
 * emulator's own worker and fails here would fail on AWS.
 */

const NODE = join(import.meta.dirname, "node_modules", ".bin", "node");
const RUNTIME_CLIENT = join(import.meta.dirname, "node_modules", "aws-lambda-ric", "index.mjs");
const SECRET_IDS = {
  MASTER_TOKEN_SECRET_ID: "runtime/master-token",
  HMAC_KEY_SECRET_ID: "runtime/hmac-key",
};
/** For the functions that change one. */
const CHANGED = { master: "runtime/regenerated", key: "runtime/rotated" };
const NATIVE_TOKEN = /^pocketpaw_session=[0-9]+:[0-9a-f]{64}$/;

const exp = Math.floor(Date.now() / 1000) + 3600;
const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);

const packaged = packageFunctions();
const directory = mkdtempSync(join(tmpdir(), "pocketpaw-runtime-"));
const running = new Map<string, FunctionProcess>();
let secretsManager: Awaited<ReturnType<typeof startSecretsManager>>;

/** The function, started at its first event as Lambda starts it, and kept. */
async function invoke(name: string, event: unknown, env: Record<string, string> = {}) {
  const started =
    running.get(name) ??
    (await startFunction({
      node: NODE,
      ric: RUNTIME_CLIENT,
      taskRoot: dirname(dirname(packaged.bundleOf(name))),
      handler: `handlers/${name}.handler`,
      env: { ...SECRET_IDS, AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url, ...env },
    }));
  running.set(name, started);
  return started.invoke(event);
}

/** The authorizer's settings: it starts once. */
const WITH_POCKETPAW = { ACCEPT_NATIVE_TOKENS: "true" };

beforeAll(async () => {
  secretsManager = await startSecretsManager({
    directory,
    accessKeyId: null,
    invoke: async (_function, event) => {
      await invoke("rotate", event);
    },
  });
  const client = createLocalClient(secretsManager.url, "test");
  for (const [Name, SecretString] of [
    [SECRET_IDS.MASTER_TOKEN_SECRET_ID, MASTER_TOKEN],
    [SECRET_IDS.HMAC_KEY_SECRET_ID, HMAC_KEY],
    [CHANGED.master, MASTER_TOKEN],
    [CHANGED.key, HMAC_KEY],
  ]) {
    await client.send(new CreateSecretCommand({ Name, SecretString }));
  }
  client.destroy();
});

afterEach(() => {
  const printed = [...running.values()].map((started) => started.log()).join("");
  for (const secret of [MASTER_TOKEN, HMAC_KEY, token]) expect(printed).not.toContain(secret);
});

afterAll(async () => {
  await Promise.all([...running.values()].map((started) => started.stop()));
  await secretsManager?.close();
  packaged.remove();
  rmSync(directory, { recursive: true, force: true });
});

describe("session", () => {
  test("exchanges the master token", async () => {
    const response = await invoke("session", exchangeRequest(bearer(MASTER_TOKEN)));
    expect(response).toMatchObject({ statusCode: 200 });
    expect(JSON.parse((response as { body: string }).body)).toEqual({
      session_token: expect.stringMatching(/^session:[0-9]{10}:[0-9a-f]{64}$/),
      expires_in_hours: 24,
    });
  });

  test("refuses a wrong one", async () => {
    const response = await invoke("session", exchangeRequest(bearer("wrong")));
    expect(response).toMatchObject({ statusCode: 401, body: '{"detail":"Invalid master token"}' });
  });
});

test("session-status repeats what the authorizer found", async () => {
  const found = { method: "session", expiresAt: String(exp), sessionId: sessionIdFor(token) };
  const response = await invoke("session-status", statusRequest(found));
  expect(response).toMatchObject({ statusCode: 200 });
  expect((response as { body: string }).body).toContain('"authenticated":true');
});

test("login sets the cookie, logout deletes it", async () => {
  const body = JSON.stringify({ token: MASTER_TOKEN });
  const response = await invoke("login", apiRequest("POST /api/auth/login", { body }));
  expect(response).toMatchObject({ statusCode: 200, body: '{"ok":true}' });
  const { cookies } = response as { cookies: string[] };
  expect(cookies).toEqual([expect.stringMatching(/^pocketpaw_session=session:[0-9]{10}:/)]);
  const out = await invoke("logout", apiRequest("POST /api/auth/logout", {}));
  expect(out).toMatchObject({ statusCode: 200, body: '{"ok":true}' });
});

test("qr makes a PNG", async () => {
  const result = await invoke("authorizer", httpApi2(bearer(MASTER_TOKEN)), WITH_POCKETPAW);
  const { context } = result as { context: Record<string, string> };
  const response = await invoke("qr", qrRequest(context));
  expect(response).toMatchObject({ statusCode: 200, isBase64Encoded: true });
  const { body } = response as { body: string };
  expect(Buffer.from(body, "base64").subarray(1, 4).toString()).toBe("PNG");
});

test("healthz responds without a credential", async () => {
  expect(await invoke("healthz", apiRequest("GET /healthz", {}))).toMatchObject({
    statusCode: 200,
    body: '{"ok":true}',
  });
});

describe.each(Object.entries(EVENT_KINDS))("authorizer, %s", (kind, event) => {
  const isSimple = kind === "HTTP API, payload 2.0";

  test("allows a session token, with its context", async () => {
    const context = {
      method: "session",
      expiresAt: String(exp),
      sessionId: sessionIdFor(token),
      masterTokenVersion: expect.stringMatching(/^[0-9a-f-]{36}$/),
      upstreamCookie: expect.stringMatching(NATIVE_TOKEN),
    };
    const response = await invoke("authorizer", event(bearer(token)), WITH_POCKETPAW);
    if (isSimple) {
      expect(response).toEqual({ isAuthorized: true, context });
      return;
    }
    const statement = {
      Effect: "Allow",
      Action: "execute-api:Invoke",
      Resource: WHOLE_API_AND_STAGE,
    };
    expect(response).toMatchObject({ policyDocument: { Statement: [statement] }, context });
  });

  test("refuses a forged one", async () => {
    const refusal = invoke("authorizer", event(bearer(forgedToken(exp))), WITH_POCKETPAW);
    if (isSimple) await expect(refusal).resolves.toEqual({ isAuthorized: false });
    else await expect(refusal).rejects.toThrow(/^Unauthorized$/);
  });
});

test("rotate runs the four steps that Secrets Manager invokes it for", async () => {
  const client = createLocalClient(secretsManager.url, "test");
  const SecretId = CHANGED.key;
  const { VersionId = "" } = await client.send(
    new RotateSecretCommand({ SecretId, RotationLambdaARN: "rotate" }),
  );
  const labels = async () =>
    (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages?.[VersionId];
  const deadline = Date.now() + 30_000;
  while (!(await labels())?.includes("AWSCURRENT") && Date.now() < deadline) await setTimeout(100);
  expect(await labels()).toContain("AWSCURRENT");
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
  expect(SecretString).toMatch(/^[A-Za-z0-9]{64}$/);
  client.destroy();
});

test("regenerate makes a new master token and stores it", async () => {
  const client = createLocalClient(secretsManager.url, "test");
  const read = () => client.send(new GetSecretValueCommand({ SecretId: CHANGED.master }));
  const { VersionId: masterTokenVersion = "" } = await read();
  const event = statusRequest({ method: "session", masterTokenVersion });
  const env = { MASTER_TOKEN_SECRET_ID: CHANGED.master };
  const response = await invoke("regenerate", event, env);
  expect(response).toMatchObject({ statusCode: 200 });
  const { SecretString } = await read();
  client.destroy();
  expect(JSON.parse((response as { body: string }).body)).toEqual({ token: SecretString });
});
