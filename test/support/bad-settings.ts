/** A setting that is not allowed, and what the message must say. */
export interface BadSetting {
  variable: string;
  /** undefined: not set. */
  value: string | undefined;
  /** As the message shows it. */
  found: string;
  allowed: string;
}

const SECRET_ID = "the name or ARN of a Secrets Manager secret";
const SECONDS = "a whole number from 1 to 86400";
const FLAG = "true or false";
const BASE_URL = "an http or https URL without credentials, query, fragment and slash at the end";
const ORIGINS = "origins such as https://dash.example.com, separated by commas";

const NO_WHOLE_NUMBERS = [
  "",
  " ",
  "x",
  "1.5",
  "-1",
  "+1",
  "1e2",
  "0x10",
  " 24",
  "24 ",
  "٢٤",
  "NaN",
];
const LONG_NUMBER = "9".repeat(40);

/** Every setting: missing (where it is required), empty, of another kind, out of range. */
export const BAD_SETTINGS: BadSetting[] = [
  ...["MASTER_TOKEN_SECRET_ID", "HMAC_KEY_SECRET_ID"].flatMap((variable) =>
    bad(variable, SECRET_ID, [
      undefined,
      "",
      " ",
      "a name",
      "a:b",
      "naïve",
      "a\n",
      "arn:aws:s3:::bucket",
      `arn:aws:secretsmanager:us-east-1:1234:secret:${"x".repeat(9)}`,
      "x".repeat(600),
    ]),
  ),
  ...bad("SESSION_TTL_HOURS", "a whole number from 1 to 720", [
    ...NO_WHOLE_NUMBERS,
    "0",
    "721",
    LONG_NUMBER,
  ]),
  ...["SECRETS_FRESH_SECONDS", "SECRETS_STALE_SECONDS", "SECRETS_COOLDOWN_SECONDS"].flatMap(
    (variable) => bad(variable, SECONDS, [...NO_WHOLE_NUMBERS, "0", "86401", LONG_NUMBER]),
  ),
  ...["ACCEPT_MASTER_TOKEN", "HAS_POCKETPAW"].flatMap((variable) =>
    bad(variable, FLAG, ["", " ", "1", "0", "yes", "no", "TRUE", "False", "true ", "truefalse"]),
  ),
  ...["PUBLIC_URL", "ORIGIN_URL"].flatMap((variable) =>
    bad(variable, BASE_URL, [
      "",
      " ",
      "paw.example.com",
      "//paw.example.com",
      "ftp://paw.example.com",
      "javascript:alert(1)",
      "https://",
      "https://paw.example.com/",
      "https://paw.example.com/proxy/",
      "https://user:password@paw.example.com",
      "https://user@paw.example.com",
      "https://paw.example.com?token=x",
      "https://paw.example.com/#x",
      "https://paw.example.com:99999",
      "https://paw example.com",
      "https://paw.example.com\\x",
      " https://paw.example.com",
      "https://paw.example.com\n",
    ]),
  ),
  ...bad("ALLOWED_ORIGINS", ORIGINS, [
    "",
    " ",
    "*",
    "null",
    "https://*",
    "dash.example.com",
    "https://dash.example.com/",
    "https://dash.example.com/path",
    "https://user@dash.example.com",
    "https://dash.example.com,",
    ",https://dash.example.com",
    "https://a.example https://b.example",
    "https://a.example;https://b.example",
    "https://dash.example.com:99999",
  ]),
  ...bad("UPSTREAM_SECRET_ID", SECRET_ID, ["", "a name", "a:b", "x".repeat(600)]),
];

function bad(variable: string, allowed: string, values: (string | undefined)[]): BadSetting[] {
  return values.map((value) => ({ variable, value, found: shown(value), allowed }));
}

/** Long ones cut: somebody may have pasted a secret where its name belongs. */
function shown(value: string | undefined): string {
  if (value === undefined) return "not set";
  if (value === "") return "empty";
  return JSON.stringify(value.length > 12 ? `${value.slice(0, 4)}…` : value);
}

const SECRET_IDS = ["MASTER_TOKEN_SECRET_ID", "HMAC_KEY_SECRET_ID"];
const KEYRING = [
  ...SECRET_IDS,
  "SECRETS_FRESH_SECONDS",
  "SECRETS_STALE_SECONDS",
  "SECRETS_COOLDOWN_SECONDS",
];

/** The settings of each function that has any. */
export const SETTINGS_OF: Readonly<Record<string, readonly string[]>> = {
  authorizer: [...KEYRING, "ACCEPT_MASTER_TOKEN", "HAS_POCKETPAW", "PUBLIC_URL", "ALLOWED_ORIGINS"],
  session: [...KEYRING, "SESSION_TTL_HOURS", "HAS_POCKETPAW"],
  login: [...KEYRING, "SESSION_TTL_HOURS", "PUBLIC_URL", "ALLOWED_ORIGINS"],
  logout: ["PUBLIC_URL", "ALLOWED_ORIGINS"],
  qr: [...KEYRING, "SESSION_TTL_HOURS", "PUBLIC_URL"],
  regenerate: [...SECRET_IDS, "ORIGIN_URL", "UPSTREAM_SECRET_ID"],
  page: ["HAS_POCKETPAW"],
};

/** The bad settings of one function. */
export const badSettingsOf = (handler: string): BadSetting[] =>
  BAD_SETTINGS.filter(({ variable }) => SETTINGS_OF[handler]?.includes(variable));
