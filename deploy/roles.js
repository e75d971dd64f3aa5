// @ts-check

const READ = "secretsmanager:GetSecretValue";
const WRITE = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"];

/**
 * A role for each function: it may write its own log, and do with the secrets what it is there for. Only one function
 * can write each secret.
 *
 * @param {import("./settings.js").Settings} settings
 */
export function roles(settings) {
  const { masterTokenSecretArn, hmacKeySecretArn, upstreamSecretId } = settings;
  const readsBoth = [allow([READ], masterTokenSecretArn, hmacKeySecretArn)];
  /** @type {Record<string, object[]>} by the function's key, as logical ids have it */
  const statements = {
    ...{ Session: readsBoth, Authorizer: readsBoth, Verify: readsBoth },
    ...{ Login: readsBoth, Qr: readsBoth, SessionStatus: [], Logout: [], Healthz: [], Page: [] },
    Regenerate: [
      allow([READ, ...WRITE], masterTokenSecretArn),
      // For the session of a caller that was authorized by one.
      allow([READ], hmacKeySecretArn),
      ...(upstreamSecretId === null ? [] : [allow([READ], upstreamSecretId)]),
    ],
    Rotate: [
      allow(["secretsmanager:DescribeSecret", READ, ...WRITE], hmacKeySecretArn),
      // The action concerns no secret, so that IAM allows only `*` as its resource.
      allow(["secretsmanager:GetRandomPassword"], "*"),
    ],
  };
  const entries = Object.entries(statements).map(([name, work]) => {
    // The framework's own ids write the hyphen of `session-status` out. The ARN ends in `:*`: the group's streams.
    const log = { "Fn::GetAtt": [`${name.replace("Status", "Dashstatus")}LogGroup`, "Arn"] };
    const statement = allow(["logs:CreateLogStream", "logs:PutLogEvents"], log);
    return [`${name}Role`, role([statement, ...work], settings.permissionsBoundaryArn)];
  });
  return { Resources: Object.fromEntries(entries) };
}

/**
 * @param {object[]} statements
 * @param {string | null} boundary ARN
 */
function role(statements, boundary) {
  const Principal = { Service: "lambda.amazonaws.com" };
  const policy = (/** @type {object[]} */ ...Statement) => ({ Version: "2012-10-17", Statement });
  const Properties = {
    ...(boundary !== null && { PermissionsBoundary: boundary }),
    AssumeRolePolicyDocument: policy({ Effect: "Allow", Principal, Action: "sts:AssumeRole" }),
    Policies: [{ PolicyName: "own", PolicyDocument: policy(...statements) }],
  };
  return { Type: "AWS::IAM::Role", Properties };
}

/** @type {(actions: string[], ...arns: unknown[]) => object} */
function allow(Action, ...Resource) {
  return { Effect: "Allow", Action, Resource };
}
