// @ts-check
// Parsers of the stack's parameters: a text that is not allowed is undefined.

/**
 * A secret's ARN: the operator's, or that of a secret that this stack makes.
 * @typedef {string | { "Fn::GetAtt": [string, "Id"] }} SecretArn
 */

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
/** The last label starts with a letter, or the name could be an IP address. */
const DNS_NAME = `(${LABEL}\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?`;
/** `.localhost` too: RFC 6761 section 6.3. */
const LOOPBACK = `((${LABEL}\\.)*localhost|127\\.0\\.0\\.1|\\[::1\\])`;
/** Only scheme and authority: a request's path is passed on unchanged. */
const ORIGIN_URL = new RegExp(`^(https://${DNS_NAME}|http://${LOOPBACK})(:[1-9][0-9]{0,4})?$`, "i");
const CORS_ORIGIN = new RegExp(
  `^(https://(${DNS_NAME}|${LABEL}|[0-9.]{7,15})|https?://${LOOPBACK})(:[1-9][0-9]{0,4})?$`,
  "i",
);

/**
 * What was found, for the operator to read; without a password in a URL, and cut short where an
 * operator may have pasted a secret instead of its ARN.
 *
 * @param {string} text
 */
export function show(text) {
  const shown = text.replace(/\/\/[^/@]*@/, "//…@");
  return JSON.stringify(/^[A-Za-z0-9_-]{12,}$/.test(shown) ? `${shown.slice(0, 4)}…` : shown);
}

/**
 * Empty: null.
 *
 * @template T
 * @param {(text: string) => T | undefined} parse
 * @returns {(text: string) => T | null | undefined}
 */
export function optional(parse) {
  return (text) => (text === "" ? null : parse(text));
}

/**
 * A text that matches, as it is.
 *
 * @param {RegExp} pattern
 * @returns {(text: string) => string | undefined}
 */
export function matching(pattern) {
  return (text) => (pattern.test(text) ? text : undefined);
}

/**
 * Where PocketPaw is: an https origin with a DNS name, on a port that CloudFront connects to, or an http origin of
 * this machine.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
 *
 * @param {string} text
 */
export function parseOriginUrl(text) {
  if (!ORIGIN_URL.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, port, origin } = new URL(text);
  const isReached = protocol === "http:" || ["", "80"].includes(port) || Number(port) >= 1024;
  return isReached ? origin : undefined;
}

/**
 * A host name of DNS, in lower case.
 *
 * @param {string} text
 */
export function parseDomainName(text) {
  const name = text.toLowerCase();
  const isName = new RegExp(`^${DNS_NAME}$`).test(name) && name.length <= 253;
  return isName && URL.canParse(`https://${name}`) ? name : undefined;
}

/** @param {string} text */
export function parseFlag(text) {
  return text === "true" || text === "false" ? text === "true" : undefined;
}

/**
 * A whole number from 0 on that is allowed.
 *
 * @param {(value: number) => boolean} isAllowed
 * @returns {(text: string) => number | undefined}
 */
export function wholeNumber(isAllowed) {
  return (text) => {
    const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
    return isAllowed(value) ? value : undefined;
  };
}

/**
 * @param {string} logicalId of the secret that the stack makes
 * @returns {(text: string) => SecretArn | undefined}
 */
export function secretArn(logicalId) {
  const pattern =
    /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}$/;
  return (text) => {
    if (text === "") return { "Fn::GetAtt": [logicalId, "Id"] };
    return pattern.test(text) ? text : undefined;
  };
}

/**
 * Each name once. Of at most 64 characters: a logical id is made of it, which has at most 255.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 *
 * @param {string} text
 * @returns {string[] | undefined}
 */
export function parseWebhooks(text) {
  const names = text === "" ? [] : text.split(",").map((name) => name.trim());
  return names.every((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name))
    ? [...new Set(names)]
    : undefined;
}

/**
 * Origins as browsers send them (RFC 6454 section 6.2), each once: API Gateway compares them letter by letter.
 *
 * @param {string} text
 * @returns {string[] | undefined}
 */
export function parseOrigins(text) {
  const origins = text === "" ? [] : text.split(",").map((origin) => origin.trim());
  return origins.every((origin) => CORS_ORIGIN.test(origin) && URL.canParse(origin))
    ? [...new Set(origins.map((origin) => new URL(origin).origin))]
    : undefined;
}
