import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  apiRequest,
  bearer,
  exchangeRequest,
  httpApi2,
  loginRequest,
  qrRequest,
  statusRequest,
} from "../support/events.ts";
import { startLossyProxy } from "../support/lossy-proxy.ts";
import { startPocketPaw, upstreamCookie } from "../support/pocketpaw.ts";
import {
  HMAC_KEY_SECRET_ID,
  MASTER_TOKEN_SECRET_ID,
  REQUIRED_SETTINGS,
} from "../support/secret-store.ts";
import { beginRotation, openSecrets, versionLabelled } from "../support/secrets.ts";
import { AWS_ENVIRONMENT, openTestSecretsManager } from "../support/secrets-manager.ts";
import { HMAC_KEY, MASTER_TOKEN, nativeToken, sessionToken } from "../support/tokens.ts";

/*
 * Each file of handlers/ in this process, with settings in its environment: every setting gets to where
 * it takes effect.
 */

const secretsManager = await openTestSecretsManager();
afterAll(() => secretsManager.close());

/** The log lines of the handlers. */
let log: Record<string, unknown>[];

beforeEach(() => {
  log = [];
  const { write } = process.stdout;
  vi.spyOn(process.stdout, "write").mockImplementation((chunk, ...rest) => {
    const text = String(chunk);
    if (!text.startsWith('{"timestamp"')) return write.call(process.stdout, chunk, ...(rest as []));
    log.push(JSON.parse(text));
    return true;
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const modules = {
  authorizer: () => import("../../handlers/authorizer.ts"),
  healthz: () => import("../../handlers/healthz.ts"),
  login: () => import("../../handlers/login.ts"),
  logout: () => import("../../handlers/logout.ts"),
  qr: () => import("../../handlers/qr.ts"),
  regenerate: () => import("../../handlers/regenerate.ts"),
  rotate: () => import("../../handlers/rotate.ts"),
  session: () => import("../../handlers/session.ts"),
  sessionStatus: () => import("../../handlers/session-status.ts"),
};

/** A handler, loaded anew with these settings. */
async function load<H>(
  importModule: () => Promise<{ handler: H }>,
  settings: Readonly<Record<string, string>> = {},
): Promise<H> {
  const environment = {
    ...AWS_ENVIRONMENT,
    ...REQUIRED_SETTINGS,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
    ...settings,
  };
  for (const [variable, value] of Object.entries(environment)) vi.stubEnv(variable, value);
  vi.resetModules();
  return (await importModule()).handler;
}

const HOST = "paw.example.com";
const OTHER = "https://other.example.com";
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;
const fromOther = { Host: HOST, Origin: OTHER, "Sec-Fetch-Site": "cross-site" };

describe("session", () => {
  test("SESSION_TTL_HOURS is the length of the session; without PocketPaw there is no cookie", async () => {
    const handler = await load(modules.session, { SESSION_TTL_HOURS: "2" });
    const { statusCode, body, cookies } = await handler(exchangeRequest(bearer(MASTER_TOKEN)));
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ expires_in_hours: 2 });
    expect(cookies ?? []).toEqual([]);
    expect(log).toMatchObject([{ event: "session_exchange", outcome: "allowed" }]);
  });

  test("ACCEPT_NATIVE_TOKENS sets the cookie too", async () => {
    const handler = await load(modules.session, { ACCEPT_NATIVE_TOKENS: "true" });
    const { cookies } = await handler(exchangeRequest(bearer(MASTER_TOKEN)));
    expect(cookies).toEqual([expect.stringMatching(/^pocketpaw_session=[0-9]{10}:/)]);
  });
});

describe("authorizer", () => {
  test("reads the secrets while its module loads, and none for the first request", async () => {
    await secretsManager.reset();
    const handler = await load(modules.authorizer);
    expect(secretsManager.reads).toHaveLength(2);
    expect(await handler(httpApi2(bearer(MASTER_TOKEN)))).toMatchObject({ isAuthorized: true });
    expect(secretsManager.reads).toHaveLength(2);
    expect(log).toMatchObject([{ event: "authorization", outcome: "allowed", method: "master" }]);
  });

  test("ACCEPT_MASTER_TOKEN=false refuses the master token", async () => {
    const handler = await load(modules.authorizer, { ACCEPT_MASTER_TOKEN: "false" });
    expect(await handler(httpApi2(bearer(MASTER_TOKEN)))).toEqual({ isAuthorized: false });
  });

  test.each([
    ["true", { isAuthorized: true }],
    ["false", { isAuthorized: false }],
  ])("ACCEPT_NATIVE_TOKENS=%s, a PocketPaw token: %j", async (ACCEPT_NATIVE_TOKENS, result) => {
    const handler = await load(modules.authorizer, { ACCEPT_NATIVE_TOKENS });
    const token = nativeToken(MASTER_TOKEN, inAnHour());
    expect(await handler(httpApi2(bearer(token)))).toMatchObject(result);
  });

  test.each([
    ["ALLOWED_ORIGINS", OTHER, { isAuthorized: true }],
    ["PUBLIC_URL", OTHER, { isAuthorized: true }],
    ["PUBLIC_URL", "https://third.example.com", { isAuthorized: false }],
  ])(
    "%s=%s, a page of https://other.example.com with the cookie: %j",
    async (name, value, result) => {
      const handler = await load(modules.authorizer, { [name]: value });
      const token = sessionToken(MASTER_TOKEN, HMAC_KEY, inAnHour());
      const cookies = [`pocketpaw_session=${token}`];
      const event = httpApi2({ method: "POST", headers: fromOther, cookies });
      expect(await handler(event)).toMatchObject(result);
    },
  );
});

describe("login", () => {
  test("SESSION_TTL_HOURS is the cookie's age", async () => {
    const handler = await load(modules.login, { SESSION_TTL_HOURS: "2" });
    const { cookies } = await handler(loginRequest({ token: MASTER_TOKEN }));
    expect(cookies).toEqual([
      expect.stringMatching(/^pocketpaw_session=session:[0-9]{10}:.*; Max-Age=7200$/),
    ]);
    expect(log).toMatchObject([{ event: "login", outcome: "allowed" }]);
  });

  test("ACCEPT_NATIVE_TOKENS puts a PocketPaw token into the cookie", async () => {
    const handler = await load(modules.login, { ACCEPT_NATIVE_TOKENS: "true" });
    const { cookies } = await handler(loginRequest({ token: MASTER_TOKEN }));
    expect(cookies).toEqual([expect.stringMatching(/^pocketpaw_session=[0-9]{10}:/)]);
  });

  test.each([
    ["ALLOWED_ORIGINS", OTHER, 200],
    ["PUBLIC_URL", OTHER, 200],
    ["PUBLIC_URL", "https://third.example.com", 403],
  ])("%s=%s, a page of https://other.example.com: %i", async (name, value, statusCode) => {
    const handler = await load(modules.login, { [name]: value });
    const event = loginRequest({ token: MASTER_TOKEN }, { headers: fromOther });
    expect(await handler(event)).toMatchObject({ statusCode });
  });
});

test.each([
  ["ALLOWED_ORIGINS", OTHER, 200],
  ["PUBLIC_URL", OTHER, 200],
  ["PUBLIC_URL", "https://third.example.com", 403],
])("logout: %s=%s, a page of https://other.example.com: %i", async (name, value, statusCode) => {
  const handler = await load(modules.logout, { [name]: value });
  const event = apiRequest("POST /api/auth/logout", { headers: fromOther });
  expect(await handler(event)).toMatchObject({ statusCode });
  expect(log).toMatchObject([{ event: "logout" }]);
});

describe("qr", () => {
  /** The chunks of a PNG (RFC 2083), by type. */
  function chunksOf(png: Buffer): Map<string, Buffer> {
    const chunks = new Map<string, Buffer>();
    for (let at = 8; at < png.length; ) {
      const length = png.readUInt32BE(at);
      chunks.set(png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
      at += 12 + length;
    }
    return chunks;
  }

  test("the image has black modules of 8 pixels on white, and nothing transparent", async () => {
    const authorizer = await load(modules.authorizer);
    const result = await authorizer(httpApi2(bearer(MASTER_TOKEN)));
    const found = ("context" in result && result.context) as Record<string, string>;
    const handler = await load(modules.qr, { PUBLIC_URL: "https://dash.example.com" });
    const { statusCode, body, isBase64Encoded } = await handler(qrRequest(found));
    expect({ statusCode, isBase64Encoded }).toEqual({ statusCode: 200, isBase64Encoded: true });
    const chunks = chunksOf(Buffer.from(body, "base64"));
    // A code of version 6, which such a URL needs, has 41 modules, and 4 around it on each side.
    expect(chunks.get("IHDR")?.readUInt32BE(0)).toBe(49 * 8);
    expect([...(chunks.get("PLTE") ?? [])]).toEqual([255, 255, 255, 0, 0, 0]);
    expect(chunks.has("tRNS")).toBe(false);
    expect(log).toMatchObject([
      { event: "authorization", outcome: "allowed" },
      { event: "qr_code", outcome: "done" },
    ]);
  });
});

describe("regenerate", () => {
  test("without PocketPaw makes a token, stores it, and sets no cookie", async () => {
    const { client, environment } = await openSecrets();
    const handler = await load(modules.regenerate, environment);
    const { versionId } = await versionLabelled(client, MASTER_TOKEN_SECRET_ID, "AWSCURRENT");
    const event = statusRequest({ method: "session", masterTokenVersion: versionId });
    const { statusCode, body, cookies } = await handler(event);
    expect(statusCode).toBe(200);
    expect(cookies ?? []).toEqual([]);
    const stored = await versionLabelled(client, MASTER_TOKEN_SECRET_ID, "AWSCURRENT");
    expect(JSON.parse(body)).toEqual({ token: stored.value });
    expect(log).toMatchObject([{ event: "token_regeneration", outcome: "done" }]);
  });

  test("with ORIGIN_URL stores PocketPaw's token; the cookie ends with SESSION_TTL_HOURS", async () => {
    const { client, environment } = await openSecrets();
    const origin = await startPocketPaw();
    const handler = await load(modules.regenerate, {
      ...environment,
      ORIGIN_URL: origin.url,
      ACCEPT_NATIVE_TOKENS: "true",
      SESSION_TTL_HOURS: "2",
    });
    const { versionId } = await versionLabelled(client, MASTER_TOKEN_SECRET_ID, "AWSCURRENT");
    const { statusCode, body, cookies } = await handler(
      statusRequest({
        method: "master",
        masterTokenVersion: versionId,
        upstreamCookie: upstreamCookie(MASTER_TOKEN),
      }),
    );
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toEqual({ token: origin.token() });
    expect(cookies).toEqual([
      expect.stringMatching(/^pocketpaw_session=[0-9]{10}:.*; Max-Age=7200$/),
    ]);
  });
});

describe("regenerate, with PocketPaw", () => {
  async function open(settings: Record<string, string> = {}) {
    const secrets = await openSecrets();
    const origin = await startPocketPaw();
    const { versionId } = await versionLabelled(
      secrets.client,
      MASTER_TOKEN_SECRET_ID,
      "AWSCURRENT",
    );
    const event = statusRequest({
      method: "session",
      masterTokenVersion: versionId,
      upstreamCookie: upstreamCookie(MASTER_TOKEN),
    });
    const regenerate = async (more: Record<string, string> = {}) => {
      const all = { ...secrets.environment, ORIGIN_URL: origin.url, ...settings, ...more };
      return (await load(modules.regenerate, all))(event);
    };
    return { ...secrets, origin, regenerate };
  }

  test("UPSTREAM_SECRET_ID is the secret whose value opens its reverse proxy", async () => {
    const { client, origin, regenerate } = await open({ UPSTREAM_SECRET_ID: "test/upstream" });
    await client.send(
      new CreateSecretCommand({ Name: "test/upstream", SecretString: "verify-me" }),
    );
    expect(await regenerate()).toMatchObject({ statusCode: 200 });
    expect(new Set(origin.originVerify)).toEqual(new Set(["verify-me"]));
  });

  test("a token that cannot be stored is tried four times", async () => {
    const { url, origin, regenerate } = await open();
    let tries = 0;
    const AWS_ENDPOINT_URL_SECRETS_MANAGER = await startLossyProxy(url, (operation) => {
      if (operation === "PutSecretValue") tries += 1;
      return operation === "PutSecretValue";
    });
    const { statusCode, body } = await regenerate({ AWS_ENDPOINT_URL_SECRETS_MANAGER });
    expect(statusCode).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ token: origin.token() });
    expect(tries).toBe(4);
  });
});

test("rotate runs the steps of a rotation on the secret of its event", async () => {
  const { client, environment } = await openSecrets();
  const versionId = await beginRotation(client);
  const handler = await load(modules.rotate, environment);
  for (const Step of ["createSecret", "setSecret", "testSecret", "finishSecret"] as const) {
    await handler({ Step, SecretId: HMAC_KEY_SECRET_ID, ClientRequestToken: versionId });
  }
  const current = await versionLabelled(client, HMAC_KEY_SECRET_ID, "AWSCURRENT");
  expect(current.versionId).toBe(versionId);
  expect(log.map(({ event, step }) => [event, step])).toEqual([
    ["rotation_step", "createSecret"],
    ["rotation_step", "setSecret"],
    ["rotation_step", "testSecret"],
    ["rotation_step", "finishSecret"],
  ]);
});

test("session-status responds by the wall clock", async () => {
  const handler = await load(modules.sessionStatus);
  const expiresAt = String(inAnHour());
  const { body } = await handler(statusRequest({ method: "session", expiresAt }));
  const { expires_in_seconds: left } = JSON.parse(body);
  expect(left).toBeGreaterThan(3_500);
  expect(left).toBeLessThanOrEqual(3_600);
});

test("healthz responds without settings", async () => {
  const handler = await load(modules.healthz);
  expect(await handler()).toMatchObject({ statusCode: 200, body: '{"ok":true}' });
});
