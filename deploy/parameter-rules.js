// @ts-check

/** Parameters that configure the distribution, the locked upstream or a route to PocketPaw. */
const NEED_ORIGIN = /** @type {const} */ ([
  "domainName",
  "webAclArn",
  "apiSecretVersionId",
  "webSocketSecretVersionId",
]);

/**
 * What is wrong with parameters that are allowed one by one.
 *
 * @param {import("./parameters.js").Values} values
 * @param {string} region of the deployment
 * @returns {string[]} one sentence each, without the full stop
 */
export function ruleProblems(values, region) {
  const problems = [];
  const { masterTokenSecretArn, hmacKeySecretArn, domainName, certificateArn } = values;
  if (typeof masterTokenSecretArn === "string" && masterTokenSecretArn === hmacKeySecretArn) {
    problems.push(
      "masterTokenSecretArn and hmacKeySecretArn are the same secret; they must be two",
    );
  }
  for (const name of /** @type {const} */ ([
    "masterTokenSecretArn",
    "hmacKeySecretArn",
    "alarmTopicArn",
  ])) {
    const arn = values[name];
    const found = typeof arn === "string" ? arn.split(":")[3] : region;
    if (found !== region) {
      problems.push(
        `${name} is in ${found}, and the stack is deployed in ${region}; it must be in the stack's Region`,
      );
    }
  }
  const { sessionTtlHours, rotationDays } = values;
  if (rotationDays > 0 && sessionTtlHours > (rotationDays - 1) * 24) {
    problems.push(
      `sessionTtlHours is ${sessionTtlHours} with rotationDays ${rotationDays}; it must be at most ` +
        `${(rotationDays - 1) * 24}, (rotationDays - 1) * 24, because a session is valid under the current and the ` +
        "previous HMAC key, and two rotations would log it out",
    );
  }
  if ((domainName === null) !== (certificateArn === null)) {
    const [given, missing] =
      domainName === null ? ["certificateArn", "domainName"] : ["domainName", "certificateArn"];
    problems.push(`${given} is given and ${missing} is not; give both or neither`);
  }
  if (domainName !== null && domainName === hostOf(values.originUrl)) {
    problems.push(
      `domainName is ${domainName}, the host of originUrl; it must be another name, because it leads to CloudFront, ` +
        "which would call itself in place of PocketPaw",
    );
  }
  for (const name of NEED_ORIGIN) {
    if (values[name] !== null && values.originUrl === null) {
      problems.push(`${name} is given and originUrl is not; it has an effect only with originUrl`);
    }
  }
  return problems;
}

/** @param {string | null} url */
function hostOf(url) {
  return url === null ? null : new URL(url).hostname;
}
