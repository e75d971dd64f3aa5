// @ts-check
// JavaScript with JSDoc types: the framework's `${file()}` reads no TypeScript.

/**
 * What the framework hands to a function that `${file()}` names.
 * @typedef {object} Resolvers
 * @property {(address: string) => Promise<unknown>} resolveVariable
 * @property {(path: string[]) => Promise<unknown>} resolveConfigurationProperty
 *
 * A secret's ARN: the operator's, or that of the secret that this stack makes.
 * @typedef {string | { "Fn::GetAtt": [string, "Id"] }} SecretArn
 */

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** Scheme and authority alone: a request's path goes through as it came. */
const ORIGIN_URL = /^(https:\/\/[a-z0-9.-]+|http:\/\/(localhost|127\.0\.0\.1))(:[0-9]{1,5})?$/i;
const CORS_ORIGIN = /^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/i;
const SECRET_ARN =
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$/;
const SECRET = "the full ARN of a Secrets Manager secret, or nothing for one that the stack makes";

/**
 * The stack's parameters (`params` in serverless.yml, `--param='name=value'`), checked.
 *
 * @param {Resolvers} resolvers
 * @throws {Error} naming each bad parameter, what was found, and what it takes
 */
export async function settings({ resolveVariable }) {
  /** @type {string[]} */
  const problems = [];

  /**
   * @template T
   * @param {string} name
   * @param {string} takes
   * @param {(text: string) => T | undefined} parse
   */
  async function read(name, takes, parse) {
    const text = String((await resolveVariable(`param:${name}, ''`)) ?? "").trim();
    const value = parse(text);
    if (value === undefined) problems.push(`${name} is ${show(text)}; it takes ${takes}`);
    // When there is a problem, nobody gets to see the value: this function throws.
    return /** @type {T} */ (value);
  }

  const checked = {
    originUrl: await read(
      "originUrl",
      "https://host or https://host:port (http:// for a loopback address alone), or nothing",
      (text) => (text === "" || ORIGIN_URL.test(text) ? text : undefined),
    ),
    inboundWebhooks: await read(
      "inboundWebhooks",
      "names of PocketPaw's inbound webhooks (letters, digits, _ and -) with commas between them, or nothing",
      parseWebhooks,
    ),
    cors: await read(
      "corsOrigins",
      "origins such as https://dash.example.com with commas between them, or nothing",
      parseCors,
    ),
    sessionTtlHours: await read("sessionTtlHours", "a whole number from 1 to 720", (text) =>
      parseWholeNumber(text, (value) => value >= 1 && value <= 720),
    ),
    masterTokenSecretArn: await read("masterTokenSecretArn", SECRET, parseSecretArn("MasterToken")),
    hmacKeySecretArn: await read("hmacKeySecretArn", SECRET, parseSecretArn("HmacKey")),
    logRetentionDays: await read(
      "logRetentionDays",
      `one of ${RETENTION_DAYS.join(", ")}`,
      (text) => parseWholeNumber(text, (value) => RETENTION_DAYS.includes(value)),
    ),
    rotationDays: await read(
      "rotationDays",
      "a whole number from 1 to 1000, or 0 for no rotation",
      (text) => parseWholeNumber(text, (value) => value <= 1000),
    ),
  };
  const { masterTokenSecretArn, hmacKeySecretArn } = checked;
  if (masterTokenSecretArn !== undefined && masterTokenSecretArn === hmacKeySecretArn) {
    problems.push("masterTokenSecretArn and hmacKeySecretArn name one secret; they take two");
  }
  if (problems.length > 0) {
    const error = new Error(`Bad parameters: ${problems.join(". ")}.`);
    // The framework prints a stack where there is one, and the message would drown in it.
    error.stack = error.message;
    throw error;
  }
  const hasOrigin = checked.originUrl !== "";
  return {
    ...checked,
    acceptNativeTokens: hasOrigin,
    originUrl: hasOrigin ? checked.originUrl : null,
  };
}

/**
 * The same, out of serverless.yml, where `custom.settings` has been checked once for all.
 *
 * @param {Resolvers} resolvers
 */
export async function checkedSettings({ resolveConfigurationProperty }) {
  const found = await resolveConfigurationProperty(["custom", "settings"]);
  return /** @type {Awaited<ReturnType<typeof settings>>} */ (found);
}

/**
 * What was found; cut short where somebody may have pasted a secret in the place of its ARN.
 *
 * @param {string} text
 */
function show(text) {
  return JSON.stringify(/^[A-Za-z0-9_-]{12,}$/.test(text) ? `${text.slice(0, 4)}…` : text);
}

/**
 * @param {string} text
 * @param {(value: number) => boolean} isAllowed
 */
function parseWholeNumber(text, isAllowed) {
  const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
  return isAllowed(value) ? value : undefined;
}

/**
 * @param {string} logicalId of the secret that the stack makes
 * @returns {(text: string) => SecretArn | undefined}
 */
function parseSecretArn(logicalId) {
  return (text) => {
    if (text === "") return { "Fn::GetAtt": [logicalId, "Id"] };
    return SECRET_ARN.test(text) ? text : undefined;
  };
}

/**
 * @param {string} text
 * @returns {string[] | undefined}
 */
function parseWebhooks(text) {
  const names = text === "" ? [] : text.split(",").map((name) => name.trim());
  return names.every((name) => /^[A-Za-z0-9_-]+$/.test(name)) ? names : undefined;
}

/** @param {string} text */
function parseCors(text) {
  if (text === "") return false;
  const allowedOrigins = text.split(",").map((origin) => origin.trim());
  if (!allowedOrigins.every((origin) => CORS_ORIGIN.test(origin))) return undefined;
  return {
    allowedOrigins,
    // For the cookie. It is why origins are named one by one, and `*` is none.
    allowCredentials: true,
    allowedHeaders: ["authorization", "content-type"],
    allowedMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    exposedResponseHeaders: ["retry-after", "www-authenticate"],
    maxAge: 600,
  };
}
