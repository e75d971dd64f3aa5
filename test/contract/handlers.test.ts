import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import type { LogEntry } from "../../lib/log.ts";
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
import { startPocketPaw, upstreamCookie } from "../support/pocketpaw.ts";
import {
  AWS_ENVIRONMENT,
  HMAC_KEY_SECRET_ID,
  MASTER_TOKEN_SECRET_ID,
  REQUIRED_SETTINGS,
} from "../support/secret-store.ts";
import { beginRotation, openSecrets, versionLabelled } from "../support/secrets.ts";
import { goodSession, HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

/*
 * Each file of handlers/ in this process, with settings in its environment: every setting gets to where
 * it takes effect.
 */

let reads = 0;
const secretsManager = await openSecrets({
  onFinished: afterAll,
  onRequest: (operation) => {
    if (operation === "GetSecretValue") reads += 1;
  },
});

const log: LogEntry[] = [];
vi.mock("../../lib/log.ts", () => ({ writeLog: (entry: LogEntry) => log.push(entry) }));

afterEach(() => {
  log.length = 0;
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
const fromOther = { Origin: OTHER, "Sec-Fetch-Site": "cross-site" };

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
    reads = 0;
    const limits = vi.spyOn(AbortSignal, "timeout");
    const module = modules[name as keyof typeof modules] as () => Promise<{ handler: unknown }>;
    const handler = await load(module, { SECRETS_FRESH_SECONDS: "100" });
    const invoke = () => (handler as (event: unknown) => Promise<unknown>)(event);
    // Two such reads in a row leave a cold request under 3 s.
    expect(limits.mock.calls).toEqual([[1_200], [1_200]]);
    vi.setSystemTime(Date.now() + 74_000);
    await invoke();
    // A QR code that is asked for under an unknown version renews the keys.
    expect(reads).toBe(name === "qr" ? 4 : 2);
    const before = reads;
    vi.setSystemTime(Date.now() + 101_000);
    await invoke();
    expect(reads).toBeGreaterThanOrEqual(before + 2);
  },
);

test("session: SESSION_TTL_HOURS is the session's length, HAS_POCKETPAW sets the cookie too", async () => {
  const settings = { SESSION_TTL_HOURS: "2", HAS_POCKETPAW: "true" };
  const handler = await load(modules.session, settings);
  const { body, cookies } = await handler(exchangeRequest(bearer(MASTER_TOKEN)));
  expect(JSON.parse(body)).toMatchObject({ expires_in_hours: 2 });
  expect(cookies).toEqual([expect.stringMatching(/^__Host-pocketpaw_session=session:/)]);
  expect(log).toMatchObject([{ event: "session_exchange", outcome: "allowed" }]);
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

  test.each(["true", "false"])("ACCEPT_MASTER_TOKEN=%s: it is accepted", async (value) => {
    const decide = await both({ ACCEPT_MASTER_TOKEN: value });
    const expected = { isAllowed: value === "true" };
    expect(await decide(bearer(MASTER_TOKEN))).toMatchObject(expected);
    expect(await decide(bearer(goodSession(inAnHour())))).toMatchObject({ isAllowed: true });
  });

  test.each(["true", "false"])("HAS_POCKETPAW=%s: there is a cookie for it", async (value) => {
    const decide = await both({ HAS_POCKETPAW: value });
    const { context, response } = await decide(bearer(MASTER_TOKEN));
    const expected = value === "true";
    expect("upstreamCookie" in (context || {})).toBe(expected);
    expect("x-pocketpaw-cookie" in response.headers).toBe(expected);
  });

  test.each([
    ["ALLOWED_ORIGINS", OTHER, true],
    ["PUBLIC_URL", `${OTHER}/paw`, true],
    ["PUBLIC_URL", "https://third.example.com", false],
  ])("%s=%s: the cookie counts for other.example.com: %j", async (name, value, isAllowed) => {
    const decide = await both({ [name]: value });
    const byCookie = cookie(goodSession(inAnHour()));
    const request = { method: "POST", headers: fromOther, ...byCookie };
    expect(await decide(request)).toMatchObject({ isAllowed });
  });
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
  const real = await import("lean-qr");
  const generate = vi.fn(real.generate);
  vi.doMock("lean-qr", () => ({ ...real, generate }));
  const result = await (await load(modules.authorizer))(httpApi2(bearer(MASTER_TOKEN)));
  const found = ("context" in result && result.context) as Record<string, string>;
  const settings = { PUBLIC_URL: "https://dash.example.com", SESSION_TTL_HOURS: "2" };
  const { body } = await (await load(modules.qr, settings))(qrRequest(found));
  vi.doUnmock("lean-qr");
  const url = String(generate.mock.calls[0]?.[0]);
  const [, exp, until] = /^https:\/\/dash\.example\.com\/gateway#pair:(\d+):(\d+):/.exec(url) ?? [];
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
  const PACKAGES = ["../../lib/secrets/client.ts", "node:timers/promises"];
  afterEach(() => {
    for (const name of PACKAGES) vi.doUnmock(name);
  });

  /** A Secrets Manager and a PocketPaw, and the handler's response with these settings. */
  async function open() {
    const secrets = await openSecrets();
    const pocketPaw = await startPocketPaw();
    const current = () => versionLabelled(secrets.client, MASTER_TOKEN_SECRET_ID, "AWSCURRENT");
    const { versionId } = await current();
    const caller = { masterTokenVersion: versionId, upstreamCookie: upstreamCookie(MASTER_TOKEN) };
    const regenerate = async (settings: Record<string, string>, method = "master") => {
      const handler = await load(modules.regenerate, { ...secrets.environment, ...settings });
      return handler(statusRequest({ method, expiresAt: String(inAnHour()), ...caller }));
    };
    return { ...secrets, pocketPaw, ORIGIN_URL: pocketPaw.url, regenerate, current };
  }

  test("without ORIGIN_URL makes a token and stores it", async () => {
    const { regenerate, current } = await open();
    const { body } = await regenerate({});
    expect(JSON.parse(body)).toEqual({ token: (await current()).value });
    expect(log).toMatchObject([{ event: "token_regeneration", outcome: "done" }]);
  });

  test("with ORIGIN_URL and UPSTREAM_SECRET_ID stores PocketPaw's token, and signs a session under it", async () => {
    const { client, regenerate, pocketPaw, ORIGIN_URL, current } = await open();
    const upstream = { Name: "test/upstream", SecretString: "verify-me" };
    await client.send(new CreateSecretCommand(upstream));
    const limits = vi.spyOn(AbortSignal, "timeout");
    const settings = { ORIGIN_URL, UPSTREAM_SECRET_ID: upstream.Name };
    const { token } = JSON.parse((await regenerate(settings, "session")).body);
    expect((await current()).value).toBe(pocketPaw.token());
    expect(token).toBe(sessionToken(pocketPaw.token(), HMAC_KEY, token.split(":")[1]));
    expect(new Set(pocketPaw.originVerify)).toEqual(new Set(["verify-me"]));
    // The function's own, two seconds less than serverless.yml's, and that of each request to PocketPaw.
    expect(limits.mock.calls).toEqual([[27_000], [10_000], [10_000]]);
  });

  test("asks Secrets Manager up to four times, 1 s to connect and 2 s each", async () => {
    const create = vi.fn(() => new SecretsManagerClient());
    vi.doMock("../../lib/secrets/client.ts", () => ({ createSecretsManagerClient: create }));
    await load(modules.regenerate);
    const times = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };
    expect(create.mock.calls).toEqual([[{ maxAttempts: 4, requestHandler: times }]]);
  });

  test("asks PocketPaw no more often than once a second, and no longer than the function runs", async () => {
    const setTimeout = vi.fn(async () => undefined);
    vi.doMock("node:timers/promises", () => ({ setTimeout, default: { setTimeout } }));
    const { pocketPaw, regenerate, ORIGIN_URL } = await open();
    pocketPaw.respondToSession = (response) => response.writeHead(429).end();
    expect(await regenerate({ ORIGIN_URL })).toMatchObject({ statusCode: 200 });
    const pause = [1_000, undefined, { signal: expect.any(AbortSignal) }];
    expect(setTimeout.mock.calls).toEqual(Array(10).fill(pause));
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
