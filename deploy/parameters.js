// @ts-check
// JavaScript with JSDoc types: the framework's `${file()}` reads no TypeScript.
import {
  parseCors,
  parseFlag,
  parseOriginUrl,
  parseSecretArn,
  parseWebhooks,
  parseWholeNumber,
  RETENTION_DAYS,
  show,
} from "./parse.js";

/**
 * What the framework hands to a function that `${file()}` names.
 * @typedef {object} Resolvers
 * @property {(address: string) => Promise<unknown>} resolveVariable
 * @property {(path: string[]) => Promise<unknown>} resolveConfigurationProperty
 */

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
      parseOriginUrl,
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
    acceptMasterToken: await read("acceptMasterToken", "true or false", parseFlag),
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
