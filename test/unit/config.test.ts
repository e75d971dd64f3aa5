import { describe, expect, test } from "vitest";
import * as config from "../../lib/config.ts";
import { badSettingsOf } from "../support/bad-settings.ts";
import { KEYRING_SETTINGS, REQUIRED_SETTINGS } from "../support/secret-store.ts";

const SECRETS = {
  masterTokenSecretId: KEYRING_SETTINGS.masterTokenSecretId,
  hmacKeySecretId: KEYRING_SETTINGS.hmacKeySecretId,
};
const TTL = { sessionTtlHours: 24 };
const PAGES = { allowedOrigins: [] };

type Read = (environment: config.Environment) => object;

/** What each function reads where only the secrets are named: the design's defaults. */
const FUNCTIONS: Record<string, [read: Read, defaults: object]> = {
  authorizer: [
    config.readAuthorizerSettings,
    { ...KEYRING_SETTINGS, ...PAGES, acceptsMasterToken: true, hasPocketPaw: false },
  ],
  session: [config.readSessionSettings, { ...KEYRING_SETTINGS, ...TTL, hasPocketPaw: false }],
  login: [config.readLoginSettings, { ...KEYRING_SETTINGS, ...TTL, ...PAGES }],
  logout: [config.readLogoutSettings, PAGES],
  qr: [config.readQrSettings, { ...KEYRING_SETTINGS, ...TTL, publicUrl: null }],
  regenerate: [
    config.readRegenerateSettings,
    { ...SECRETS, originUrl: null, upstreamSecretId: null },
  ],
  page: [config.readPageSettings, { hasPocketPaw: false }],
};

describe.each(Object.entries(FUNCTIONS))("%s", (name, [read, defaults]) => {
  test("has the default of each setting that is absent", () => {
    expect(read(REQUIRED_SETTINGS)).toMatchObject(defaults);
  });

  test.each(badSettingsOf(name))("does not start: $variable, $found", (setting) => {
    const { variable, value, found, allowed } = setting;
    expect(() => read({ ...REQUIRED_SETTINGS, [variable]: value })).toThrow(
      `Bad settings: ${variable} is ${found}; it must be ${allowed}.`,
    );
  });
});

/** All settings of the functions, as one. */
const readAll = (environment: config.Environment): Record<string, unknown> =>
  Object.assign({}, ...Object.values(FUNCTIONS).map(([read]) => read(environment)));

test.each<readonly [string, string, string, unknown]>([
  ["MASTER_TOKEN_SECRET_ID", "a", "masterTokenSecretId", "a"],
  ["MASTER_TOKEN_SECRET_ID", "x".repeat(519), "masterTokenSecretId", "x".repeat(519)],
  ...[
    "hmac_key+1=x@y.z-2",
    "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:k-AbCdEf",
  ].map((id) => ["HMAC_KEY_SECRET_ID", id, "hmacKeySecretId", id] as const),
  ["SESSION_TTL_HOURS", "1", "sessionTtlHours", 1],
  ["SESSION_TTL_HOURS", "720", "sessionTtlHours", 720],
  ["SECRETS_FRESH_SECONDS", "1", "freshSeconds", 1],
  ["SECRETS_FRESH_SECONDS", "900", "freshSeconds", 900],
  ["SECRETS_STALE_SECONDS", "60", "staleSeconds", 60],
  ["SECRETS_STALE_SECONDS", "86400", "staleSeconds", 86_400],
  ["SECRETS_COOLDOWN_SECONDS", "1", "cooldownSeconds", 1],
  ["SECRETS_COOLDOWN_SECONDS", "86400", "cooldownSeconds", 86_400],
  ["ACCEPT_MASTER_TOKEN", "true", "acceptsMasterToken", true],
  ["ACCEPT_MASTER_TOKEN", "false", "acceptsMasterToken", false],
  ["HAS_POCKETPAW", "true", "hasPocketPaw", true],
  ["HAS_POCKETPAW", "false", "hasPocketPaw", false],
  ["UPSTREAM_SECRET_ID", "pocketpaw/api", "upstreamSecretId", "pocketpaw/api"],
  ...[
    "https://paw.example.com",
    "http://127.0.0.1:8888",
    "https://[::1]:8888",
    "https://a.example/b/c",
  ].flatMap((url) => [
    ["ORIGIN_URL", url, "originUrl", url] as const,
    ["PUBLIC_URL", url, "publicUrl", url] as const,
  ]),
  [
    "PUBLIC_URL",
    "https://PAW.example.com:443/behind/a/proxy",
    "allowedOrigins",
    ["https://paw.example.com"],
  ],
  ["ALLOWED_ORIGINS", "https://a.example", "allowedOrigins", ["https://a.example"]],
  [
    "ALLOWED_ORIGINS",
    " https://A.example , http://localhost:3000 ",
    "allowedOrigins",
    ["https://a.example", "http://localhost:3000"],
  ],
])("%s may be %s: %s is %j", (variable, value, name, expected) => {
  expect(readAll({ ...REQUIRED_SETTINGS, [variable]: value })[name]).toEqual(expected);
});

test("the gateway's own pages are allowed beside those that are named", () => {
  const urls = { PUBLIC_URL: "https://paw.example.com/a", ALLOWED_ORIGINS: "https://a.example" };
  expect(config.readLogoutSettings(urls).allowedOrigins).toEqual([
    "https://paw.example.com",
    "https://a.example",
  ]);
});

describe("the operator is told", () => {
  test("of all settings that are bad at once", () => {
    const bad = { ALLOWED_ORIGINS: "*", ACCEPT_MASTER_TOKEN: "" };
    expect(() => config.readAuthorizerSettings(bad)).toThrow(
      /MASTER_TOKEN_SECRET_ID is.*HMAC_KEY_SECRET_ID is.*ACCEPT_MASTER_TOKEN is.*ALLOWED_ORIGINS is/,
    );
  });

  test.each([
    [
      "that secrets may not go stale before they cease to be fresh",
      { SECRETS_FRESH_SECONDS: "60", SECRETS_STALE_SECONDS: "59" },
      "SECRETS_STALE_SECONDS is 59; it must be at least SECRETS_FRESH_SECONDS, which is 60",
    ],
    [
      "that the two secrets are two",
      { HMAC_KEY_SECRET_ID: REQUIRED_SETTINGS.MASTER_TOKEN_SECRET_ID },
      "HMAC_KEY_SECRET_ID is the same as MASTER_TOKEN_SECRET_ID; it must be another secret",
    ],
  ])("%s", (_what, settings, message) => {
    expect(() => config.readSessionSettings({ ...REQUIRED_SETTINGS, ...settings })).toThrow(
      message,
    );
  });

  test.each([
    ["twelve chars", '"twelve chars"'],
    ["thirteen char", '"thir…"'],
  ])("what %j is, but not at length: it may be the secret itself", (value, shown) => {
    expect(() =>
      config.readSessionSettings({ ...REQUIRED_SETTINGS, HMAC_KEY_SECRET_ID: value }),
    ).toThrow(`HMAC_KEY_SECRET_ID is ${shown};`);
  });
});
