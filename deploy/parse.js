// @ts-check

/**
 * A secret's ARN: the operator's, or that of the secret that this stack makes.
 * @typedef {string | { "Fn::GetAtt": [string, "Id"] }} SecretArn
 */

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** Scheme and authority alone: a request's path goes through as it came. */
const ORIGIN_URL = /^(https:\/\/[a-z0-9.-]+|http:\/\/(localhost|127\.0\.0\.1))(:[0-9]{1,5})?$/i;
const CORS_ORIGIN = /^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/i;
const SECRET_ARN =
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$/;

/**
 * What was found, for the operator to read; without a password in a URL, and cut short where somebody
 * may have pasted a secret in the place of its ARN.
 *
 * @param {string} text
 */
export function show(text) {
  const shown = text.replace(/\/\/[^/@]*@/, "//…@");
  return JSON.stringify(/^[A-Za-z0-9_-]{12,}$/.test(shown) ? `${shown.slice(0, 4)}…` : shown);
}

/** @param {string} text */
export function parseOriginUrl(text) {
  return text === "" || ORIGIN_URL.test(text) ? text : undefined;
}

/** @param {string} text */
export function parseFlag(text) {
  return text === "true" || text === "false" ? text === "true" : undefined;
}

/**
 * @param {string} text
 * @param {(value: number) => boolean} isAllowed
 * @returns undefined for what is no whole number from 0 on, or not allowed
 */
export function parseWholeNumber(text, isAllowed) {
  const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
  return isAllowed(value) ? value : undefined;
}

/**
 * @param {string} logicalId of the secret that the stack makes
 * @returns {(text: string) => SecretArn | undefined}
 */
export function parseSecretArn(logicalId) {
  return (text) => {
    if (text === "") return { "Fn::GetAtt": [logicalId, "Id"] };
    return SECRET_ARN.test(text) ? text : undefined;
  };
}

/**
 * @param {string} text
 * @returns {string[] | undefined}
 */
export function parseWebhooks(text) {
  const names = text === "" ? [] : text.split(",").map((name) => name.trim());
  return names.every((name) => /^[A-Za-z0-9_-]+$/.test(name)) ? names : undefined;
}

/** @param {string} text */
export function parseCors(text) {
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
