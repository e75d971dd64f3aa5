/** A variable of the functions' environment that will not do, and what the message must say. */
export interface BadSetting {
  variable: string;
  /** undefined: not set. */
  value: string | undefined;
  /** As the message shows it. */
  found: string;
  takes: string;
}

const SECRET_ID = "the name or ARN of a Secrets Manager secret";
const SECONDS = "a whole number from 1 to 86400";
const FLAG = "true or false";

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

/** Every variable of DESIGN.md section 7: missing (where it is required), empty, no number, out of range. */
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
  ...["ACCEPT_MASTER_TOKEN", "ACCEPT_NATIVE_TOKENS"].flatMap((variable) =>
    bad(variable, FLAG, ["", " ", "1", "0", "yes", "no", "TRUE", "False", "true ", "truefalse"]),
  ),
];

function bad(variable: string, takes: string, values: (string | undefined)[]): BadSetting[] {
  return values.map((value) => ({ variable, value, found: shown(value), takes }));
}

/** Long ones cut: somebody may have pasted a secret where its name belongs. */
function shown(value: string | undefined): string {
  if (value === undefined) return "not set";
  if (value === "") return "empty";
  return JSON.stringify(value.length > 12 ? `${value.slice(0, 4)}…` : value);
}
