// @ts-check
// The stack's parameters: what each may be, and what they must be together.

/** @typedef {string | { "Fn::GetAtt": [string, "Id"] }} SecretArn the operator's, or one that this stack makes */
/** @typedef {typeof PARAMETERS} Parameters */
/** @typedef {{ [K in keyof Parameters]: Exclude<ReturnType<Parameters[K]["parse"]>, undefined> }} Values */
/** @typedef {{ service: string, stage: string, region: string }} Deployment */

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];
/** From 1024 on; regeneration asks PocketPaw with `fetch`. https://fetch.spec.whatwg.org/#port-blocking */
const PORTS_THAT_FETCH_BLOCKS = [
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668],
  ...[6669, 6679, 6697, 10080],
];
/** Partitions without CloudFront, or with one that has other names and no managed policies. */
const REGIONS_WITHOUT_CLOUDFRONT = /^(us-gov|us-iso[a-z]*|eu-iso[a-z]*|eusc|cn)-/;
/** Where the gateway itself is, and no proxy in front of PocketPaw. */
const GATEWAY_HOST = /\.cloudfront\.net$|\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/;
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
 * and the parser.
 */
export const PARAMETERS = {
  originUrl: orEmpty(
    "https:// and a DNS name, with or without a port, which is 80, 443 or 1024 to 65535 and none that fetch blocks " +
      "(http:// only for a loopback host)",
    parseOriginUrl,
  ),
  inboundWebhooks: parameter(
    "",
    "names of PocketPaw's inbound webhooks (at most 64 letters, digits, _ and -) separated by commas, or empty",
    parseWebhooks,
  ),
  corsOrigins: parameter(
    "",
    "origins such as https://dash.example.com separated by commas, or empty. http:// is allowed only for a loopback host; " +
      "another scheme, such as tauri://, is not allowed, because AWS documents only http and https origins for the CORS of an HTTP API",
    parseOrigins,
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
  domainName: orEmpty("a DNS name such as paw.example.com", parseDomain),
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

/** The name of the error that `checkParameters` throws. */
export const BAD_PARAMETERS = "BadParameters";

/** Parameters that configure the distribution, the locked upstream or a route to PocketPaw. */
const NEED_ORIGIN = /** @type {const} */ ([
  "inboundWebhooks",
  "domainName",
  "webAclArn",
  "apiSecretVersionId",
  "directSecretVersionId",
]);

/**
 * Checks the parameters of a deployment.
 *
 * @param {Readonly<Record<string, unknown>>} given by name, those that do not exist too
 * @param {Deployment} deployment
 * @returns {Values}
 * @throws {Error} that names each bad parameter, what was found and what is allowed; first those for which it can
 *   say what was meant
 */
export function checkParameters(given, deployment) {
  /** @type {string[]} */
  const guessed = [];
  const problems = stageProblems(deployment);
  const fold = (/** @type {string} */ name) => name.toLowerCase().replace(/[-_]/g, "");
  for (const name of Object.keys(given).filter((each) => !Object.hasOwn(PARAMETERS, each))) {
    const meant = Object.keys(PARAMETERS).find((each) => fold(each) === fold(name));
    const problem = `${JSON.stringify(name)} is not a parameter; it must be`;
    if (meant !== undefined) guessed.push(`${problem} ${JSON.stringify(meant)}`);
    else problems.push(`${problem} one of ${Object.keys(PARAMETERS).join(", ")}`);
  }
  const entries = Object.entries(PARAMETERS).map(([name, { allowed, parse }]) => {
    const text = String(given[name] ?? "").trim();
    const value = parse(text);
    if (value !== undefined) return [name, value];
    const guesses = [text.replace(/\/+(?=,|$)/g, ""), text.toLowerCase(), text.toUpperCase()];
    const meant = guesses.find((each) => parse(each) !== undefined);
    const problem = `${name} is ${show(text)}; it must be`;
    if (meant !== undefined) guessed.push(`${problem} ${show(meant)}`);
    else problems.push(`${problem} ${allowed}`);
    return [name, undefined];
  });
  const values = /** @type {Values} */ (Object.fromEntries(entries));
  const found = [...guessed, ...problems];
  if (found.length === 0) found.push(...ruleProblems(values, deployment.region));
  if (found.length === 0) return values;
  throw Object.assign(new Error(`${found.join(".\n")}.`), { name: BAD_PARAMETERS });
}

/**
 * What was found, without a password in a URL, and cut short where it may be a secret in place of its ARN.
 *
 * @param {string} text
 */
function show(text) {
  const shown = text.replace(/\/\/[^/@]*@/, "//…@");
  return JSON.stringify(/^[A-Za-z0-9_-]{12,}$/.test(shown) ? `${shown.slice(0, 4)}…` : shown);
}

/**
 * The stage is in the names of functions, of which this is the longest; those of CloudFront Functions are shorter.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html (FunctionName)
 *
 * @param {Deployment} deployment
 */
function stageProblems({ service, stage }) {
  const most = 64 - `${service}--session-status`.length;
  if (/^[A-Za-z0-9-]+$/.test(stage) && stage.length <= most) return [];
  return [
    `the stage is ${JSON.stringify(stage)}, of ${stage.length} characters; it must be 1 to ${most} letters, digits ` +
      "and hyphens, because it is in the names of functions, which have at most 64",
  ];
}

/**
 * What is wrong with parameters that are allowed one by one: a sentence each, without the full stop.
 *
 * @param {Values} values
 * @param {string} region of the deployment
 */
function ruleProblems(values, region) {
  const { originUrl, domainName, certificateArn, sessionTtlHours, rotationDays } = values;
  const { masterTokenSecretArn, hmacKeySecretArn, alarmTopicArn } = values;
  const regional = { masterTokenSecretArn, hmacKeySecretArn, alarmTopicArn };
  const most = (rotationDays - 1) * 24;
  const given = domainName === null ? "certificateArn" : "domainName";
  const missing = domainName === null ? "domainName" : "certificateArn";
  const { hostname } = new URL(originUrl ?? "https://none.invalid");
  /** @type {[isBroken: boolean, problem: string][]} */
  const rules = [
    [
      typeof masterTokenSecretArn === "string" && masterTokenSecretArn === hmacKeySecretArn,
      "masterTokenSecretArn and hmacKeySecretArn are the same secret; they must be two",
    ],
    ...Object.entries(regional).map(([name, arn]) => {
      const found = typeof arn === "string" ? arn.split(":")[3] : region;
      const problem = `${name} is in ${found}, and the stack is deployed in ${region}; it must be in the stack's Region`;
      return /** @type {[boolean, string]} */ ([found !== region, problem]);
    }),
    [
      rotationDays > 0 && sessionTtlHours > most,
      `sessionTtlHours is ${sessionTtlHours} with rotationDays ${rotationDays}; it must be at most ${most}, ` +
        "(rotationDays - 1) * 24, because a session is valid under the current and the previous HMAC key, and two " +
        "rotations would log it out",
    ],
    [
      (domainName === null) !== (certificateArn === null),
      `${given} is given and ${missing} is not; give both or neither`,
    ],
    ...NEED_ORIGIN.map((name) => {
      const problem = `${name} is given and originUrl is not; it has an effect only with originUrl`;
      // An empty list has no effect either.
      const isGiven = String(values[name] ?? "") !== "";
      return /** @type {[boolean, string]} */ ([originUrl === null && isGiven, problem]);
    }),
    [
      hostname === domainName,
      `domainName is ${domainName}, the host of originUrl; it must be another name, because it leads to CloudFront, ` +
        "which would call itself in place of PocketPaw",
    ],
    [
      GATEWAY_HOST.test(hostname),
      `originUrl is ${originUrl}, a distribution or an API such as the gateway itself; it must be the proxy in front ` +
        "of PocketPaw, or requests would go round in a loop",
    ],
    [
      originUrl !== null && REGIONS_WITHOUT_CLOUDFRONT.test(region),
      `originUrl is given and the Region is ${region}; it must be empty there, because the stack would need CloudFront`,
    ],
  ];
  return rules.flatMap(([isBroken, problem]) => (isBroken ? [problem] : []));
}

/**
 * @template T
 * @param {string | number | boolean} byDefault
 * @param {string} allowed
 * @param {(text: string) => T | undefined} parse undefined: not allowed
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

/** @param {RegExp} pattern */
function matching(pattern) {
  return (/** @type {string} */ text) => (pattern.test(text) ? text : undefined);
}

/**
 * @param {number} min
 * @param {number} max
 */
function wholeNumber(min, max) {
  return (/** @type {string} */ text) => {
    const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
}

/**
 * An https origin with a DNS name, on a port that CloudFront connects to, or an http origin of this machine.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
 *
 * @param {string} text
 */
function parseOriginUrl(text) {
  if (!ORIGIN_URL.test(text) || !URL.canParse(text)) return undefined;
  const { port, origin } = new URL(text);
  const isReached = ["", "80", "443"].includes(port) || Number(port) >= 1024;
  return isReached && !PORTS_THAT_FETCH_BLOCKS.includes(Number(port)) ? origin : undefined;
}

/** @param {string} text */
function parseDomain(text) {
  const name = text.toLowerCase();
  const isName = new RegExp(`^${DNS_NAME}$`).test(name) && name.length <= 253;
  return isName && URL.canParse(`https://${name}`) ? name : undefined;
}

/**
 * @param {string} logicalId of the secret that the stack makes
 * @returns {(text: string) => SecretArn | undefined}
 */
function secretArn(logicalId) {
  return (text) => (text === "" ? { "Fn::GetAtt": [logicalId, "Id"] } : matching(SECRET_ARN)(text));
}

/**
 * A logical id, which has at most 255 characters, is made of each name.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 *
 * @param {string} text
 */
function parseWebhooks(text) {
  const names = list(text);
  return names.every((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name)) ? names : undefined;
}

/**
 * Origins as browsers send them (RFC 6454 section 6.2), each once: API Gateway compares them letter by letter.
 *
 * @param {string} text
 */
function parseOrigins(text) {
  const origins = list(text);
  return origins.every((origin) => CORS_ORIGIN.test(origin) && URL.canParse(origin))
    ? [...new Set(origins.map((origin) => new URL(origin).origin))]
    : undefined;
}

/** @param {string} text */
function list(text) {
  return text === "" ? [] : [...new Set(text.split(",").map((each) => each.trim()))];
}
