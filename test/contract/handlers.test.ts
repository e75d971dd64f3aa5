import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  apiRequest,
  bearer,
  cookie,
  exchangeRequest,
  httpApi2,
  loginRequest,
  qrRequest,
  statusRequest,
  TO_POCKETPAW,
  verifyRequest,
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
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

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
  vi.useRealTimers();
});

const modules = {
  authorizer: () => import("../../handlers/authorizer.ts"),
  healthz: () => import("../../handlers/healthz.ts"),
  login: () => import("../../handlers/login.ts"),
  logout: () => import("../../handlers/logout.ts"),
  page: () => import("../../handlers/page.ts"),
  qr: () => import("../../handlers/qr.ts"),
  regenerate: () => import("../../handlers/regenerate.ts"),
  rotate: () => import("../../handlers/rotate.ts"),
  session: () => import("../../handlers/session.ts"),
  sessionStatus: () => import("../../handlers/session-status.ts"),
  verify: () => import("../../handlers/verify.ts"),
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

const OTHER = "https://other.example.com";
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;
const session = () => sessionToken(MASTER_TOKEN, HMAC_KEY, inAnHour());
const fromOther = { Origin: OTHER, "Sec-Fetch-Site": "cross-site" };
const byCookie = () => ({ method: "POST", headers: fromOther, ...cookie(session()) });

test.each([
  ["session", "SESSION_TTL_HOURS"],
  ["authorizer", "ACCEPT_MASTER_TOKEN"],
  ["verify", "HAS_POCKETPAW"],
  ["login", "MASTER_TOKEN_SECRET_ID"],
  ["logout", "ALLOWED_ORIGINS"],
  ["qr", "PUBLIC_URL"],
  ["regenerate", "ORIGIN_URL"],
  ["page", "HAS_POCKETPAW"],
] as const)("%s does not load with a bad %s, and says so", async (name, setting) => {
  await expect(load<unknown>(modules[name], { [setting]: "*" })).rejects.toThrow(
    `Bad settings: ${setting} is "*"; it must be`,
  );
});

/** Events that use the secrets of each function that keeps them. */
const WITH_SECRETS: Partial<Record<keyof typeof modules, unknown>> = {
  session: exchangeRequest(bearer(MASTER_TOKEN)),
  authorizer: httpApi2(bearer(MASTER_TOKEN)),
  verify: verifyRequest(bearer(MASTER_TOKEN)),
  login: loginRequest({ token: MASTER_TOKEN }),
  qr: qrRequest({ method: "master" }),
};

test.each(Object.entries(WITH_SECRETS))(
  "%s reads both secrets while its module loads, and again after SECRETS_FRESH_SECONDS",
  async (name, event) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    secretsManager.reads.length = 0;
    const limits = vi.spyOn(AbortSignal, "timeout");
    const module = modules[name as keyof typeof modules] as () => Promise<{ handler: unknown }>;
    const handler = await load(module, { SECRETS_FRESH_SECONDS: "100" });
    const invoke = () => (handler as (event: unknown) => Promise<unknown>)(event);
    // Two such reads in a row leave a cold request under 3 s.
    expect(limits.mock.calls).toEqual([[1_200], [1_200]]);
    vi.setSystemTime(Date.now() + 74_000);
    await invoke();
    // A QR code that is asked for under an unknown version renews the keys.
    expect(secretsManager.reads).toHaveLength(name === "qr" ? 4 : 2);
    const before = secretsManager.reads.length;
    vi.setSystemTime(Date.now() + 101_000);
    await invoke();
    expect(secretsManager.reads.length).toBeGreaterThanOrEqual(before + 2);
  },
);

describe("session", () => {
  test("SESSION_TTL_HOURS is the length of the session; without PocketPaw there is no cookie", async () => {
    const handler = await load(modules.session, { SESSION_TTL_HOURS: "2" });
    const { body, cookies } = await handler(exchangeRequest(bearer(MASTER_TOKEN)));
    expect(JSON.parse(body)).toMatchObject({ expires_in_hours: 2 });
    expect(cookies).toBeUndefined();
    expect(log).toMatchObject([{ event: "session_exchange", outcome: "allowed" }]);
  });

  test("HAS_POCKETPAW sets the cookie too", async () => {
    const handler = await load(modules.session, { HAS_POCKETPAW: "true" });
    const { cookies } = await handler(exchangeRequest(bearer(MASTER_TOKEN)));
    expect(cookies).toEqual([expect.stringMatching(/^__Host-pocketpaw_session=session:/)]);
  });
});

describe("authorizer and verify", () => {
  const both = async (settings: Record<string, string>) => {
    const authorizer = await load(modules.authorizer, settings);
    const verify = await load(modules.verify, settings);
    return async (request: Parameters<typeof httpApi2>[0]) => {
      const decision = await authorizer(httpApi2({ routeKey: TO_POCKETPAW, ...request }));
      const response = await verify(verifyRequest(request));
      const isAllowed = "isAuthorized" in decision && decision.isAuthorized;
      expect(response.statusCode === 204).toBe(isAllowed);
      return { isAllowed, context: "context" in decision && decision.context, response };
    };
  };

  test.each([
    ["true", true],
    ["false", false],
  ])("ACCEPT_MASTER_TOKEN=%s: the master token is accepted: %j", async (value, expected) => {
    const decide = await both({ ACCEPT_MASTER_TOKEN: value });
    expect(await decide(bearer(MASTER_TOKEN))).toMatchObject({ isAllowed: expected });
    expect(await decide(bearer(session()))).toMatchObject({ isAllowed: true });
  });

  test.each(["true", "false"])("HAS_POCKETPAW=%s: there is a cookie for it", async (value) => {
    const decide = await both({ HAS_POCKETPAW: value });
    const { context, response } = await decide(bearer(session()));
    const expected = value === "true";
    expect("upstreamCookie" in (context || {})).toBe(expected);
    expect("x-pocketpaw-cookie" in response.headers).toBe(expected);
  });

  test.each([
    ["ALLOWED_ORIGINS", OTHER, true],
    ["PUBLIC_URL", `${OTHER}/paw`, true],
    ["PUBLIC_URL", "https://third.example.com", false],
  ])(
    "%s=%s: the cookie counts for a page of other.example.com: %j",
    async (name, value, expected) => {
      const decide = await both({ [name]: value });
      expect(await decide(byCookie())).toMatchObject({ isAllowed: expected });
    },
  );
});

describe("login and logout", () => {
  test("SESSION_TTL_HOURS is the cookie's age", async () => {
    const handler = await load(modules.login, { SESSION_TTL_HOURS: "2" });
    const { cookies } = await handler(loginRequest({ token: MASTER_TOKEN }));
    expect(cookies).toEqual([
      expect.stringMatching(/^__Host-pocketpaw_session=session:[0-9]{10}:.*; Max-Age=7200$/),
    ]);
    expect(log).toMatchObject([{ event: "login", outcome: "allowed" }]);
  });

  test.each([
    ["ALLOWED_ORIGINS", OTHER, 200],
    ["PUBLIC_URL", OTHER, 200],
    ["PUBLIC_URL", "https://third.example.com", 403],
  ])("%s=%s, a page of other.example.com: %i", async (name, value, statusCode) => {
    const login = await load(modules.login, { [name]: value });
    const request = loginRequest({ token: MASTER_TOKEN }, { headers: fromOther });
    expect(await login(request)).toMatchObject({ statusCode });
    const logout = await load(modules.logout, { [name]: value });
    const out = apiRequest("POST /api/auth/logout", { headers: fromOther });
    expect(await logout(out)).toMatchObject({ statusCode });
    expect(log).toMatchObject([{ event: "login" }, { event: "logout" }]);
  });
});

test("qr: PUBLIC_URL and SESSION_TTL_HOURS are in a code with modules of 8 pixels, black on white", async () => {
  let text = "";
  vi.doMock("lean-qr", async (original) => {
    const real = await original<typeof import("lean-qr")>();
    const generate = (content: string) => {
      text = content;
      return real.generate(content);
    };
    return { ...real, generate };
  });
  const result = await (await load(modules.authorizer))(httpApi2(bearer(MASTER_TOKEN)));
  const found = ("context" in result && result.context) as Record<string, string>;
  const settings = { PUBLIC_URL: "https://dash.example.com", SESSION_TTL_HOURS: "2" };
  const { body } = await (await load(modules.qr, settings))(qrRequest(found));
  vi.doUnmock("lean-qr");
  const [, exp, until] =
    /^https:\/\/dash\.example\.com\/gateway#pair:(\d+):(\d+):/.exec(text) ?? [];
  expect(Number(until) - Number(exp)).toBe(7_200 - 60);
  // PNG (RFC 2083): a code of version 6 has 41 modules, and 4 around it on each side.
  const png = Buffer.from(body, "base64");
  expect(png.readUInt32BE(png.indexOf("IHDR") + 4)).toBe(49 * 8);
  const palette = png.indexOf("PLTE") + 4;
  expect([...png.subarray(palette, palette + 6)]).toEqual([255, 255, 255, 0, 0, 0]);
  expect(png.includes("tRNS")).toBe(false);
});

test.each(["true", "false"])("page: HAS_POCKETPAW=%s is what the page knows", async (value) => {
  const { body } = await (await load(modules.page, { HAS_POCKETPAW: value }))();
  expect(body).toContain(`data-pocketpaw="${value}"`);
});

describe("regenerate", () => {
  /** The function's response to a caller by the master token, with these settings and a PocketPaw. */
  async function open(settings: Record<string, string> = {}) {
    const secrets = await openSecrets();
    const pocketPaw = await startPocketPaw();
    const { versionId } = await versionLabelled(
      secrets.client,
      MASTER_TOKEN_SECRET_ID,
      "AWSCURRENT",
    );
    const caller = { masterTokenVersion: versionId, upstreamCookie: upstreamCookie(MASTER_TOKEN) };
    const regenerate = async (more: Record<string, string> = {}, method = "master") => {
      const all = { ...secrets.environment, ORIGIN_URL: pocketPaw.url, ...settings, ...more };
      const handler = await load(modules.regenerate, all);
      return handler(statusRequest({ method, expiresAt: String(inAnHour()), ...caller }));
    };
    const stored = async () =>
      (await versionLabelled(secrets.client, MASTER_TOKEN_SECRET_ID, "AWSCURRENT")).value ?? "";
    return { ...secrets, pocketPaw, regenerate, stored, caller };
  }

  test("without ORIGIN_URL makes a token and stores it", async () => {
    const { environment, caller, stored } = await open();
    const handler = await load(modules.regenerate, environment);
    const { body } = await handler(statusRequest({ method: "master", ...caller }));
    expect(JSON.parse(body)).toEqual({ token: await stored() });
    expect(log).toMatchObject([{ event: "token_regeneration", outcome: "done" }]);
  });

  test("with ORIGIN_URL stores PocketPaw's token, within its time limits", async () => {
    const { regenerate, pocketPaw, stored } = await open();
    const limits = vi.spyOn(AbortSignal, "timeout");
    expect(JSON.parse((await regenerate()).body)).toEqual({ token: pocketPaw.token() });
    expect(await stored()).toBe(pocketPaw.token());
    // The function's own, two seconds less than serverless.yml's, and that of each request to PocketPaw.
    expect(limits.mock.calls).toEqual([[27_000], [10_000], [10_000]]);
  });

  test("by a session signs the new session with the HMAC key", async () => {
    const { regenerate, stored } = await open();
    const { token } = JSON.parse((await regenerate({}, "session")).body);
    expect(token).toBe(sessionToken(await stored(), HMAC_KEY, token.split(":")[1]));
  });

  test("UPSTREAM_SECRET_ID is the secret whose value opens its reverse proxy", async () => {
    const { client, pocketPaw, regenerate } = await open({ UPSTREAM_SECRET_ID: "test/upstream" });
    await client.send(
      new CreateSecretCommand({ Name: "test/upstream", SecretString: "verify-me" }),
    );
    expect(await regenerate()).toMatchObject({ statusCode: 200 });
    expect(new Set(pocketPaw.originVerify)).toEqual(new Set(["verify-me"]));
  });

  test("a token that cannot be stored is tried four times, 1 s to connect and 2 s each", async () => {
    const configs: unknown[] = [];
    vi.doMock("../../lib/secrets/client.ts", async (original) => {
      const { createSecretsManagerClient } =
        await original<typeof import("../../lib/secrets/client.ts")>();
      const create: typeof createSecretsManagerClient = (config) => {
        configs.push(config);
        return createSecretsManagerClient(config);
      };
      return { createSecretsManagerClient: create };
    });
    const { url, pocketPaw, regenerate } = await open();
    let tries = 0;
    const AWS_ENDPOINT_URL_SECRETS_MANAGER = await startLossyProxy(url, (operation) => {
      if (operation === "PutSecretValue") tries += 1;
      return operation === "PutSecretValue";
    });
    const { statusCode, body } = await regenerate({ AWS_ENDPOINT_URL_SECRETS_MANAGER });
    vi.doUnmock("../../lib/secrets/client.ts");
    expect(statusCode).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ token: pocketPaw.token() });
    expect(tries).toBe(4);
    const times = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };
    expect(configs).toEqual([{ maxAttempts: 4, requestHandler: times }]);
  });

  test("asks PocketPaw no more often than once a second", async () => {
    const pauses: unknown[] = [];
    const setTimeout = async (milliseconds: number) => pauses.push(milliseconds);
    vi.doMock("node:timers/promises", () => ({ setTimeout, default: { setTimeout } }));
    const { pocketPaw, regenerate } = await open();
    pocketPaw.respondToSession = (response) => response.writeHead(429).end();
    expect(await regenerate()).toMatchObject({ statusCode: 200 });
    vi.doUnmock("node:timers/promises");
    expect(pauses).toEqual(Array(10).fill(1_000));
  });
});

test("rotate runs the steps of a rotation on the secret of its event", async () => {
  const { client, environment } = await openSecrets();
  const versionId = await beginRotation(client);
  const handler = await load(modules.rotate, environment);
  const steps = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;
  for (const Step of steps) {
    await handler({ Step, SecretId: HMAC_KEY_SECRET_ID, ClientRequestToken: versionId });
  }
  const current = await versionLabelled(client, HMAC_KEY_SECRET_ID, "AWSCURRENT");
  expect(current.versionId).toBe(versionId);
  expect(log.map(({ event, step }) => [event, step])).toEqual(
    steps.map((step) => ["rotation_step", step]),
  );
});

test("session-status responds by the wall clock", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const handler = await load(modules.sessionStatus);
  const { body } = await handler(
    statusRequest({ method: "session", expiresAt: String(inAnHour()) }),
  );
  expect(JSON.parse(body)).toMatchObject({ expires_in_seconds: 3_600 });
});

test("healthz responds without settings", async () => {
  const handler = await load(modules.healthz);
  expect(await handler()).toMatchObject({ statusCode: 200, body: '{"ok":true}' });
});
