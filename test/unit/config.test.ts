import { describe, expect, test } from "vitest";
import * as config from "../../lib/config.ts";
import { KEYRING_SETTINGS, REQUIRED_SETTINGS } from "../support/secret-store.ts";

const TTL = { sessionTtlHours: 24 };
const PAGES = { allowedOrigins: [] };
const { masterTokenSecretId, hmacKeySecretId } = KEYRING_SETTINGS;

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
    { masterTokenSecretId, hmacKeySecretId, originUrl: null, upstreamSecretId: null },
  ],
  page: [config.readPageSettings, { hasPocketPaw: false }],
};

const NO_NUMBERS = [
  ...["", " ", "x", "1.5", "-1", "+1", "1e2", "0x10", " 24", "24 ", "٢٤", "NaN", "0"],
  "9".repeat(40),
];
const NO_IDS = ["", " ", "a name", "a:b", "naïve", "a\n", "arn:aws:s3:::bucket", "x".repeat(520)];
const NO_FLAGS = ["", " ", "1", "0", "yes", "no", "TRUE", "False", "true ", "truefalse"];
const NO_URLS = [
  ...["", " ", "paw.example.com", "//paw.example.com", "ftp://paw.example.com", "https://"],
  ...["https://paw.example.com/", "https://paw.example.com/proxy/", "https://a:b@paw.example.com"],
  ...["https://a@paw.example.com", "https://paw.example.com?token=x", "https://paw.example.com/#x"],
  ...["https://paw.example.com:99999", "https://paw example.com", "https://paw.example.com\\x"],
  ...[" https://paw.example.com", "https://paw.example.com\n", "javascript:alert(1)"],
];
const NO_ORIGINS = [
  ...["", " ", "*", "null", "https://*", "dash.example.com", "https://dash.example.com/"],
  ...["https://a.example/path", "https://user@a.example", "https://a.example,"],
  ...[",https://a.example", "https://a.example https://b.example", "https://a.example:99999"],
];
const ID = "the name or ARN of a Secrets Manager secret";
const FLAG = "true or false";
const URL = "an http or https URL without credentials, query, fragment and slash at the end";
const ORIGINS = "origins such as https://dash.example.com, separated by commas";
const DECIDING = "authorizer session login qr";

const DURATION = [DECIDING, "a whole number from 1 to 86400", [...NO_NUMBERS, "86401"]] as const;
const HOURS = "a whole number from 1 to 720";

/** Each setting: the functions that read it, what is allowed, and values that are not. */
const SETTINGS: Record<string, readonly [string, string, readonly (string | undefined)[]]> = {
  MASTER_TOKEN_SECRET_ID: [`${DECIDING} regenerate`, ID, [undefined, ...NO_IDS]],
  HMAC_KEY_SECRET_ID: [`${DECIDING} regenerate`, ID, [undefined, ...NO_IDS]],
  SECRETS_FRESH_SECONDS: DURATION,
  SECRETS_STALE_SECONDS: DURATION,
  SECRETS_COOLDOWN_SECONDS: DURATION,
  SESSION_TTL_HOURS: ["session login qr", HOURS, [...NO_NUMBERS, "721"]],
  ACCEPT_MASTER_TOKEN: ["authorizer", FLAG, NO_FLAGS],
  HAS_POCKETPAW: ["authorizer session page", FLAG, NO_FLAGS],
  PUBLIC_URL: ["authorizer login logout qr", URL, NO_URLS],
  ORIGIN_URL: ["regenerate", URL, NO_URLS],
  ALLOWED_ORIGINS: ["authorizer login logout", ORIGINS, NO_ORIGINS],
  UPSTREAM_SECRET_ID: ["regenerate", ID, NO_IDS],
};

test.each(Object.entries(FUNCTIONS))("%s has all defaults", (_name, [read, defaults]) => {
  expect(read(REQUIRED_SETTINGS)).toMatchObject(defaults);
});

describe.each(Object.entries(SETTINGS))("a bad %s stops its functions", (name, setting) => {
  const [functions, allowed, bad] = setting;

  test.each(bad)("%j", (value) => {
    const text = value !== undefined && value.length > 12 ? `${value.slice(0, 4)}…` : value;
    const found = value === undefined ? "not set" : value === "" ? "empty" : JSON.stringify(text);
    const message = `Bad settings: ${name} is ${found}; it must be ${allowed}.`;
    for (const [function_, [read]] of Object.entries(FUNCTIONS)) {
      const settings = { ...REQUIRED_SETTINGS, [name]: value };
      if (functions.split(" ").includes(function_)) expect(() => read(settings)).toThrow(message);
      else expect(() => read(settings)).not.toThrow();
    }
  });
});

/** All settings of the functions, as one. */
const readAll = (environment: config.Environment): Record<string, unknown> =>
  Object.assign({}, ...Object.values(FUNCTIONS).map(([read]) => read(environment)));

const ARN = "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:k-AbCdEf";
const URLS = ["https://paw.example.com", "http://127.0.0.1:8888", "https://[::1]:8888"];

test.each<readonly [variable: string, name: string, value: string, read: unknown]>([
  ...["a", "x".repeat(519), "hmac_key+1=x@y.z-2", ARN].map(
    (id) => ["MASTER_TOKEN_SECRET_ID", "masterTokenSecretId", id, id] as const,
  ),
  ["HMAC_KEY_SECRET_ID", "hmacKeySecretId", "pocketpaw/key", "pocketpaw/key"],
  ["UPSTREAM_SECRET_ID", "upstreamSecretId", "pocketpaw/api", "pocketpaw/api"],
  ["SESSION_TTL_HOURS", "sessionTtlHours", "1", 1],
  ["SESSION_TTL_HOURS", "sessionTtlHours", "720", 720],
  ["SECRETS_FRESH_SECONDS", "freshSeconds", "1", 1],
  ["SECRETS_FRESH_SECONDS", "freshSeconds", "900", 900],
  ["SECRETS_STALE_SECONDS", "staleSeconds", "60", 60],
  ["SECRETS_STALE_SECONDS", "staleSeconds", "86400", 86_400],
  ["SECRETS_COOLDOWN_SECONDS", "cooldownSeconds", "1", 1],
  ["SECRETS_COOLDOWN_SECONDS", "cooldownSeconds", "86400", 86_400],
  ["ACCEPT_MASTER_TOKEN", "acceptsMasterToken", "true", true],
  ["ACCEPT_MASTER_TOKEN", "acceptsMasterToken", "false", false],
  ["HAS_POCKETPAW", "hasPocketPaw", "true", true],
  ["HAS_POCKETPAW", "hasPocketPaw", "false", false],
  ...[...URLS, "https://a.example/b/c"].flatMap((url) => [
    ["ORIGIN_URL", "originUrl", url, url] as const,
    ["PUBLIC_URL", "publicUrl", url, url] as const,
  ]),
  ["PUBLIC_URL", "allowedOrigins", "https://A.example:443/behind", ["https://a.example"]],
  ["ALLOWED_ORIGINS", "allowedOrigins", "https://a.example", ["https://a.example"]],
  [
    "ALLOWED_ORIGINS",
    "allowedOrigins",
    " https://A.example , http://localhost:3000 ",
    ["https://a.example", "http://localhost:3000"],
  ],
])("%s is read as %s: %s", (variable, name, value, expected) => {
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
      { SECRETS_FRESH_SECONDS: "60", SECRETS_STALE_SECONDS: "59" },
      "SECRETS_STALE_SECONDS is 59; it must be at least SECRETS_FRESH_SECONDS, which is 60",
    ],
    [
      { HMAC_KEY_SECRET_ID: REQUIRED_SETTINGS.MASTER_TOKEN_SECRET_ID },
      "HMAC_KEY_SECRET_ID is the same as MASTER_TOKEN_SECRET_ID; it must be another secret",
    ],
    // Not at length: it may be the secret itself.
    [{ HMAC_KEY_SECRET_ID: "twelve chars" }, 'HMAC_KEY_SECRET_ID is "twelve chars";'],
    [{ HMAC_KEY_SECRET_ID: "thirteen char" }, 'HMAC_KEY_SECRET_ID is "thir…";'],
  ])("of %j", (settings, message) => {
    const read = () => config.readSessionSettings({ ...REQUIRED_SETTINGS, ...settings });
    expect(read).toThrow(message);
  });
});
