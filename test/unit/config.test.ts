import { describe, expect, test } from "vitest";
import * as config from "../../lib/config.ts";
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

const NO_NUMBERS = ["", " ", "x", "1.5", "-1", "+1", "1e2", "0x10", " 24", "24 ", "٢٤", "NaN", "0"];
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
  ...[
    "https://dash.example.com/path",
    "https://user@dash.example.com",
    "https://dash.example.com,",
  ],
  ...[
    ",https://dash.example.com",
    "https://a.example https://b.example",
    "https://a.example:99999",
  ],
];
const ID = "the name or ARN of a Secrets Manager secret";
const SECONDS = "a whole number from 1 to 86400";
const FLAG = "true or false";
const URL = "an http or https URL without credentials, query, fragment and slash at the end";
const ORIGINS = "origins such as https://dash.example.com, separated by commas";
const DECIDING = "authorizer session login qr";

/** Each setting: the functions that read it, what is allowed, and values that are not. */
const SETTINGS: [name: string, functions: string, allowed: string, bad: (string | undefined)[]][] =
  [
    ["MASTER_TOKEN_SECRET_ID", `${DECIDING} regenerate`, ID, [undefined, ...NO_IDS]],
    ["HMAC_KEY_SECRET_ID", `${DECIDING} regenerate`, ID, [undefined, ...NO_IDS]],
    ["SECRETS_FRESH_SECONDS", DECIDING, SECONDS, [...NO_NUMBERS, "86401", "9".repeat(40)]],
    ["SECRETS_STALE_SECONDS", DECIDING, SECONDS, [...NO_NUMBERS, "86401", "9".repeat(40)]],
    ["SECRETS_COOLDOWN_SECONDS", DECIDING, SECONDS, [...NO_NUMBERS, "86401", "9".repeat(40)]],
    [
      "SESSION_TTL_HOURS",
      "session login qr",
      "a whole number from 1 to 720",
      [...NO_NUMBERS, "721"],
    ],
    ["ACCEPT_MASTER_TOKEN", "authorizer", FLAG, NO_FLAGS],
    ["HAS_POCKETPAW", "authorizer session page", FLAG, NO_FLAGS],
    ["PUBLIC_URL", "authorizer login logout qr", URL, NO_URLS],
    ["ORIGIN_URL", "regenerate", URL, NO_URLS],
    ["ALLOWED_ORIGINS", "authorizer login logout", ORIGINS, NO_ORIGINS],
    ["UPSTREAM_SECRET_ID", "regenerate", ID, NO_IDS],
  ];

test.each(Object.entries(FUNCTIONS))(
  "%s has the default of each absent setting",
  (_name, [read, defaults]) => {
    expect(read(REQUIRED_SETTINGS)).toMatchObject(defaults);
  },
);

describe.each(SETTINGS)("%s stops %s where it is not %s", (name, functions, allowed, bad) => {
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
