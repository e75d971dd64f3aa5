// @ts-check
// What a deployment's parameters must be, each by itself and all together.
import { PARAMETERS } from "./parameters.js";

/** @typedef {import("./parameters.js").Values} Values */
/** @typedef {{ service: string, stage: string, region: string }} Deployment */

/** Partitions without CloudFront, or with one that has other names and no managed policies. */
const REGIONS_WITHOUT_CLOUDFRONT = /^(us-gov|us-iso[a-z]*|eu-iso[a-z]*|eusc|cn)-/;
/** Where the gateway itself is, and no proxy in front of PocketPaw. */
const GATEWAY_HOST = /\.cloudfront\.net$|\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/;

/** What `checkParameters` throws. */
export class BadParameters extends Error {}

/** Parameters that configure the distribution, the locked upstream or a route to PocketPaw. */
const NEED_ORIGIN = /** @type {const} */ ([
  ...["inboundWebhooks", "domainName", "webAclArn", "apiSecretVersionId", "directSecretVersionId"],
]);

/**
 * Checks the parameters of a deployment.
 *
 * @param {Readonly<Record<string, unknown>>} given by name, those that do not exist too
 * @param {Deployment} deployment
 * @returns {Values}
 * @throws {BadParameters} that names each bad parameter, what was found and what is allowed; first those for which it can
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
  throw new BadParameters(`${found.join(".\n")}.`);
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
  const most = (rotationDays - 1) * 24;
  const { hostname } = new URL(originUrl ?? "https://none.invalid");
  /** @type {string[]} */
  const problems = [];
  const add = (/** @type {boolean} */ isBroken, /** @type {string} */ problem) => {
    if (isBroken) problems.push(problem);
  };
  add(
    typeof masterTokenSecretArn === "string" && masterTokenSecretArn === hmacKeySecretArn,
    "masterTokenSecretArn and hmacKeySecretArn are the same secret; they must be two",
  );
  const regional = { masterTokenSecretArn, hmacKeySecretArn, alarmTopicArn };
  for (const [name, arn] of Object.entries(regional)) {
    const found = typeof arn === "string" ? arn.split(":")[3] : region;
    const problem = `${name} is in ${found}, and the stack is deployed in ${region}`;
    add(found !== region, `${problem}; it must be in the stack's Region`);
  }
  add(
    rotationDays > 0 && sessionTtlHours > most,
    `sessionTtlHours is ${sessionTtlHours} with rotationDays ${rotationDays}; it must be at most ${most}, ` +
      "(rotationDays - 1) * 24, because a session is valid under the current and the previous HMAC key, and two " +
      "rotations would log it out",
  );
  const pair = ["domainName", "certificateArn"];
  const [given, missing] = domainName === null ? pair.toReversed() : pair;
  const isAlone = (domainName === null) !== (certificateArn === null);
  add(isAlone, `${given} is given and ${missing} is not; give both or neither`);
  for (const name of NEED_ORIGIN) {
    // An empty list has no effect either.
    const isGiven = String(values[name] ?? "") !== "";
    const problem = `${name} is given and originUrl is not; it has an effect only with originUrl`;
    add(originUrl === null && isGiven, problem);
  }
  add(
    hostname === domainName,
    `domainName is ${domainName}, the host of originUrl; it must be another name, because it leads to CloudFront, ` +
      "which would call itself in place of PocketPaw",
  );
  add(
    GATEWAY_HOST.test(hostname),
    `originUrl is ${originUrl}, a distribution or an API such as the gateway itself; it must be the proxy in front ` +
      "of PocketPaw, or requests would go round in a loop",
  );
  add(
    originUrl !== null && REGIONS_WITHOUT_CLOUDFRONT.test(region),
    `originUrl is given and the Region is ${region}; it must be empty there, because the stack would need CloudFront`,
  );
  return problems;
}
