import { dirname, join } from "node:path";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { HttpResponse } from "../../lib/http/response.ts";
import { createLocalClient } from "../../local/rotate.ts";
import { startSecretsManager } from "../../local/secrets-manager/server.ts";
import {
  ALLOW_STATEMENT,
  apiRequest,
  bearer,
  EVENT_KINDS,
  exchangeRequest,
  httpApi2,
  loginRequest,
  qrRequest,
  statusRequest,
  TO_POCKETPAW,
  verifyRequest,
} from "../support/events.ts";
import { packageFunctions } from "../support/packaged.ts";
import { prepareProcess } from "../support/prepared.ts";
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
const IDS = {
  MASTER_TOKEN_SECRET_ID: "runtime/master-token",
  HMAC_KEY_SECRET_ID: "runtime/hmac-key",
};
/** For the functions that change one. */
const CHANGED = { master: "runtime/regenerated", key: "runtime/rotated" };
const POCKETPAW_COOKIE = expect.stringMatching(/^pocketpaw_session=[0-9]+:[0-9a-f]{64}$/);
const SESSION_COOKIE =
  /^__Host-pocketpaw_session=(session:[0-9]{10}:[0-9a-f]{64})?; .*SameSite=Strict;/;

const exp = Math.floor(Date.now() / 1000) + 86_400;
const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);

const packaged = packageFunctions();
const running = new Map<string, FunctionProcess>();
let secretsManager: Awaited<ReturnType<typeof startSecretsManager>>;
let client: ReturnType<typeof createLocalClient>;

/** The function, started at its first event as Lambda starts it, and kept. */
async function invoke<T = HttpResponse>(
  name: string,
  event: unknown,
  env: Record<string, string> = {},
  key = name,
): Promise<T> {
  const started =
    running.get(key) ??
    (await startFunction({
      node: NODE,
      ric: RUNTIME_CLIENT,
      taskRoot: dirname(dirname(packaged.bundleOf(name))),
      handler: `handlers/${name}.handler`,
      env: { ...IDS, AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url, ...env },
    }));
  running.set(key, started);
  return (await started.invoke(event)) as T;
}

/** The authorizer's and verify's settings: each starts once. */
const WITH_POCKETPAW = { HAS_POCKETPAW: "true" };

beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  const rotate = async (_function: string, event: unknown) => void (await invoke("rotate", event));
  secretsManager = await startSecretsManager({ accessKeyId: null, invoke: rotate });
  client = createLocalClient(secretsManager.url, "test");
  for (const Name of [IDS.MASTER_TOKEN_SECRET_ID, CHANGED.master]) {
    await client.send(new CreateSecretCommand({ Name, SecretString: MASTER_TOKEN }));
  }
  for (const Name of [IDS.HMAC_KEY_SECRET_ID, CHANGED.key]) {
    await client.send(new CreateSecretCommand({ Name, SecretString: HMAC_KEY }));
  }
});

afterEach(() => {
  const printed = [...running.values()].map((started) => started.log()).join("");
  for (const secret of [MASTER_TOKEN, HMAC_KEY, token]) expect(printed).not.toContain(secret);
});

afterAll(async () => {
  await Promise.all([...running.values()].map((started) => started.stop()));
  client?.destroy();
  await secretsManager?.close();
  packaged.remove();
});

test("session exchanges the master token, and refuses a wrong one", async () => {
  const { statusCode, body } = await invoke("session", exchangeRequest(bearer(MASTER_TOKEN)));
  const session_token = expect.stringMatching(/^session:[0-9]{10}:[0-9a-f]{64}$/);
  const expected = { session_token, expires_in_hours: 24 };
  expect([statusCode, JSON.parse(body)]).toEqual([200, expected]);
  const wrong = await invoke("session", exchangeRequest(bearer("wrong")));
  expect(wrong).toMatchObject({ statusCode: 401, body: '{"detail":"Invalid master token"}' });
});

test("login sets the cookie, logout deletes it", async () => {
  const login = await invoke("login", loginRequest({ token: MASTER_TOKEN }));
  expect(login).toMatchObject({ statusCode: 200, body: '{"ok":true}' });
  expect(SESSION_COOKIE.exec(login.cookies?.[0] ?? "")?.[1]).toMatch(/^session:/);
  const logout = await invoke("logout", apiRequest("POST /api/auth/logout", {}));
  expect(logout).toMatchObject({ statusCode: 200, body: '{"ok":true}' });
  expect(logout.cookies).toEqual([expect.stringMatching(SESSION_COOKIE)]);
  expect(logout.cookies?.[0]).toMatch(/^__Host-pocketpaw_session=; .*; Max-Age=0$/);
});

test("qr makes a PNG", async () => {
  const { context } = await invoke<{ context: Record<string, string> }>(
    "authorizer",
    httpApi2(bearer(MASTER_TOKEN)),
    WITH_POCKETPAW,
  );
  const { body, ...response } = await invoke("qr", qrRequest(context));
  expect(response).toMatchObject({ statusCode: 200, isBase64Encoded: true });
  expect(Buffer.from(body, "base64").subarray(1, 4).toString()).toBe("PNG");
});

test("page, healthz and session-status respond without a secret", async () => {
  const page = await invoke("page", apiRequest("GET /gateway", {}), WITH_POCKETPAW);
  expect(page).toMatchObject({ statusCode: 200, body: expect.stringContaining("<h1") });
  const healthz = await invoke("healthz", apiRequest("GET /healthz", {}));
  expect(healthz).toMatchObject({ statusCode: 200, body: '{"ok":true}' });
  const { body } = await invoke("session-status", statusRequest({ method: "session" }));
  expect(JSON.parse(body)).toMatchObject({ authenticated: true, method: "session" });
});

describe.each(Object.entries(EVENT_KINDS))("authorizer, %s", (kind, event) => {
  const isSimple = kind === "HTTP API, payload 2.0";

  test("allows a session token, with its context", async () => {
    const context = {
      method: "session",
      expiresAt: String(exp),
      sessionId: sessionIdFor(token),
      masterTokenVersion: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ...(isSimple && { upstreamCookie: POCKETPAW_COOKIE }),
    };
    const request = { routeKey: TO_POCKETPAW, ...bearer(token) };
    const response = await invoke<unknown>("authorizer", event(request), WITH_POCKETPAW);
    const policyDocument = { Statement: [ALLOW_STATEMENT] };
    if (isSimple) expect(response).toEqual({ isAuthorized: true, context });
    else expect(response).toMatchObject({ policyDocument, context });
  });

  test("refuses a forged one", async () => {
    const refusal = invoke("authorizer", event(bearer(forgedToken(exp))), WITH_POCKETPAW);
    if (isSimple) await expect(refusal).resolves.toEqual({ isAuthorized: false });
    else await expect(refusal).rejects.toThrow(/^Unauthorized$/);
  });
});

test("verify allows a session token, and refuses a forged one", async () => {
  const allowed = await invoke("verify", verifyRequest(bearer(token)), WITH_POCKETPAW);
  expect(allowed).toMatchObject({
    statusCode: 204,
    headers: { "x-pocketpaw-cookie": POCKETPAW_COOKIE },
  });
  const refused = await invoke("verify", verifyRequest(bearer(forgedToken(exp))), WITH_POCKETPAW);
  expect(refused).toMatchObject({ statusCode: 401 });
});

test("an error of our own is internal_error, with its name and no message in the log", async () => {
  const { env, be, remove } = prepareProcess();
  onTestFinished(remove);
  const ask = (name: string, event: unknown) => invoke(name, event, env, `${name} broken`);
  be({ isBroken: true });
  const error = { statusCode: 500, body: '{"detail":"Internal server error"}' };
  expect(await ask("session", exchangeRequest(bearer(MASTER_TOKEN)))).toMatchObject(error);
  expect(await ask("verify", verifyRequest(bearer(token)))).toMatchObject(error);
  await expect(ask("authorizer", httpApi2(bearer(token)))).rejects.toThrow(/^internal_error$/);
  for (const name of ["session", "verify", "authorizer"]) {
    const log = running.get(`${name} broken`)?.log() ?? "";
    expect(log).toMatch(/"level":"ERROR".*"reason":"internal_error","error":"TypeError"/);
    expect(log).not.toContain("cannot compare");
  }
});

test("rotate runs the four steps that Secrets Manager invokes it for", async () => {
  const SecretId = CHANGED.key;
  const { VersionId = "" } = await client.send(
    new RotateSecretCommand({ SecretId, RotationLambdaARN: "rotate" }),
  );
  await vi.waitFor(
    async () => {
      const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
      expect(VersionIdsToStages?.[VersionId]).toContain("AWSCURRENT");
    },
    { timeout: 30_000, interval: 100 },
  );
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
  expect(SecretString).toMatch(/^[A-Za-z0-9]{64}$/);
});

test("regenerate makes a new master token, and gives a session one under it", async () => {
  const read = () => client.send(new GetSecretValueCommand({ SecretId: CHANGED.master }));
  const { VersionId: masterTokenVersion = "" } = await read();
  const event = statusRequest({ method: "session", masterTokenVersion, expiresAt: String(exp) });
  const response = await invoke("regenerate", event, { MASTER_TOKEN_SECRET_ID: CHANGED.master });
  const { SecretString = "" } = await read();
  expect(SecretString).not.toBe(MASTER_TOKEN);
  expect(JSON.parse(response.body)).toEqual({ token: sessionToken(SecretString, HMAC_KEY, exp) });
});
