// @ts-check
// The stack's parameters, and what each may be.

/** @typedef {string | { "Fn::GetAtt": [string, "Id"] }} SecretArn the operator's, or one that this stack makes */
/** @typedef {typeof PARAMETERS} Parameters */
/** @typedef {{ [K in keyof Parameters]: Exclude<ReturnType<Parameters[K]["parse"]>, undefined> }} Values */

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];
const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
/** The last label starts with a letter, or the name could be an IP address. */
const DNS_NAME = `(${LABEL}\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?`;
/** `.localhost` too: RFC 6761 section 6.3. */
const LOOPBACK = `((${LABEL}\\.)*localhost|127\\.0\\.0\\.1|\\[::1\\])`;
/** Only scheme and authority: a request's path is passed on. */
const ORIGIN_URL = new RegExp(`^(https://${DNS_NAME}|http://${LOOPBACK})(:[1-9][0-9]{0,4})?$`, "i");
const CORS_ORIGIN = new RegExp(
  `^(https://(${DNS_NAME}|${LABEL}|[0-9.]{7,15})|https?://${LOOPBACK})(:[1-9][0-9]{0,4})?$`,
  "i",
);
const SECRET_ARN =
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}$/;

const SECRET = "the full ARN of a Secrets Manager secret, or empty for one that the stack makes";
const VERSION_ID =
  "a version id of that secret, as `aws secretsmanager put-secret-value` prints it";
/** The form that the AWS CLI and the SDKs give a version. A secret's value, pasted here, does not have it. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The parameters, which docs/configuration.md describes: the default, what is allowed (it completes "it must be …"),
 * and the parser, which returns undefined for what is not allowed.
 */
export const PARAMETERS = {
  originUrl: orEmpty(
    "https:// and a DNS name, with or without a port of 80, 443 or 1024 to 65535 (http:// for a loopback host)",
    (text) => {
      if (!ORIGIN_URL.test(text) || !URL.canParse(text)) return undefined;
      const { port, origin } = new URL(text);
      // Those that CloudFront connects to.
      // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
      return ["", "80", "443"].includes(port) || Number(port) >= 1024 ? origin : undefined;
    },
  ),
  inboundWebhooks: listOf(
    "names of PocketPaw's inbound webhooks (at most 64 letters, digits, _ and -) separated by commas, or empty",
    // A logical id, which has at most 255 characters, is made of each name.
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    matching(/^[A-Za-z0-9_-]{1,64}$/),
  ),
  corsOrigins: listOf(
    "origins such as https://dash.example.com separated by commas, or empty. http:// is allowed only for a loopback host; " +
      "another scheme, such as tauri://, is not allowed, because AWS documents only http and https origins for the CORS of an HTTP API",
    // As browsers send them (RFC 6454 section 6.2): API Gateway compares them letter by letter.
    (text) => (CORS_ORIGIN.test(text) && URL.canParse(text) ? new URL(text).origin : undefined),
  ),
  sessionTtlHours: parameter(24, "a whole number from 1 to 720", wholeNumber(1, 720)),
  acceptMasterToken: parameter(true, "true or false", (text) =>
    text === "true" || text === "false" ? text === "true" : undefined,
  ),
  masterTokenSecretArn: parameter("", SECRET, secretArn("MasterToken")),
  hmacKeySecretArn: parameter("", SECRET, secretArn("HmacKey")),
  logRetentionDays: parameter(30, `one of ${RETENTION_DAYS.join(", ")}`, (text) =>
    RETENTION_DAYS.find((days) => String(days) === text),
  ),
  logLevel: parameter("INFO", "INFO or WARN", matching(/^(INFO|WARN)$/)),
  rotationDays: parameter(30, "a whole number from 2 to 1000, or 0 for no rotation", (text) =>
    text === "0" ? 0 : wholeNumber(2, 1000)(text),
  ),
  domainName: orEmpty("a DNS name such as paw.example.com", (text) => {
    const name = text.toLowerCase();
    const isName = new RegExp(`^${DNS_NAME}$`).test(name) && name.length <= 253;
    return isName && URL.canParse(`https://${name}`) ? name : undefined;
  }),
  certificateArn: orEmpty(
    "the ARN of an ACM certificate in us-east-1 (CloudFront uses no other region's)",
    matching(/^arn:aws:acm:us-east-1:[0-9]{12}:certificate\/[0-9a-zA-Z-]{1,64}$/),
  ),
  webAclArn: orEmpty(
    "the ARN of a WAF web ACL of scope CLOUDFRONT, which is in us-east-1 (arn:aws:wafv2:us-east-1:…:global/webacl/…)",
    matching(/^arn:aws:wafv2:us-east-1:[0-9]{12}:global\/webacl\/[\w-]{1,128}\/[0-9a-f-]{36}$/),
  ),
  alarmTopicArn: orEmpty(
    "the ARN of an SNS topic, not FIFO",
    matching(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$/),
  ),
  permissionsBoundaryArn: orEmpty(
    "the ARN of an IAM policy",
    matching(/^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy\/[\w+=,.@/-]{1,512}$/),
  ),
  authorizerConcurrency: orEmpty("a whole number from 1 to 10000", wholeNumber(1, 10_000)),
  apiSecretVersionId: orEmpty(VERSION_ID, matching(UUID)),
  directSecretVersionId: orEmpty(VERSION_ID, matching(UUID)),
};

/**
 * @template T
 * @param {string | number | boolean} byDefault
 * @param {string} allowed
 * @param {(text: string) => T | undefined} parse
 */
function parameter(byDefault, allowed, parse) {
  return { byDefault, allowed, parse };
}

/**
 * @template T
 * @param {string} allowed beside the empty text, which is null
 * @param {(text: string) => T | undefined} parse
 */
function orEmpty(allowed, parse) {
  return parameter("", `${allowed}, or empty`, (text) => (text === "" ? null : parse(text)));
}

/**
 * @param {string} allowed of which each is taken once
 * @param {(text: string) => string | undefined} parse
 */
function listOf(allowed, parse) {
  return parameter("", allowed, (text) => {
    const found = text === "" ? [] : text.split(",").map((each) => parse(each.trim()));
    const values = found.filter((value) => value !== undefined);
    return values.length === found.length ? [...new Set(values)] : undefined;
  });
}

/** @param {RegExp} pattern */
function matching(pattern) {
  return (/** @type {string} */ text) => (pattern.test(text) ? text : undefined);
}

/** @type {(min: number, max: number) => (text: string) => number | undefined} */
function wholeNumber(min, max) {
  return (text) => {
    const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
}

/** @type {(logicalId: string) => (text: string) => SecretArn | undefined} of the secret that the stack makes */
function secretArn(logicalId) {
  return (text) => (text === "" ? { "Fn::GetAtt": [logicalId, "Id"] } : matching(SECRET_ARN)(text));
}
