// @ts-check

const READ = "secretsmanager:GetSecretValue";
const WRITE = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"];

/**
 * A role for each function: it may write its own log, and do with the secrets what it is there for. No two
 * functions share one, and only one of them can write each secret.
 *
 * @param {import("./settings.js").Settings} settings
 */
export function roles({
  masterTokenSecretArn,
  hmacKeySecretArn,
  upstreamSecretId,
  permissionsBoundaryArn,
}) {
  const readsBoth = [allow([READ], [masterTokenSecretArn, hmacKeySecretArn])];
  /** @type {Record<string, object[]>} by the function's key, as logical ids have it */
  const statements = {
    Session: readsBoth,
    Authorizer: readsBoth,
    Verify: readsBoth,
    Login: readsBoth,
    Qr: readsBoth,
    SessionStatus: [],
    Logout: [],
    Healthz: [],
    Page: [],
    Regenerate: [
      allow([READ, ...WRITE], [masterTokenSecretArn]),
      // For the session of a caller that was authorized by one.
      allow([READ], [hmacKeySecretArn]),
      ...(upstreamSecretId === null ? [] : [allow([READ], [upstreamSecretId])]),
    ],
    Rotate: [
      allow(["secretsmanager:DescribeSecret", READ, ...WRITE], [hmacKeySecretArn]),
      // The action concerns no secret, so that IAM allows only `*` as its resource.
      allow(["secretsmanager:GetRandomPassword"], ["*"]),
    ],
  };
  return {
    Resources: Object.fromEntries(
      Object.entries(statements).map(([name, allowed]) => [
        `${name}Role`,
        // The framework's own ids write the hyphen of `session-status` out.
        role(`${name.replace("Status", "Dashstatus")}LogGroup`, allowed, permissionsBoundaryArn),
      ]),
    ),
  };
}

/**
 * @param {string} logGroup logical id; its ARN ends in `:*`, which is the streams of that group
 * @param {object[]} statements
 * @param {string | null} boundary ARN
 */
function role(logGroup, statements, boundary) {
  const writesLog = allow(
    ["logs:CreateLogStream", "logs:PutLogEvents"],
    [{ "Fn::GetAtt": [logGroup, "Arn"] }],
  );
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      ...(boundary !== null && { PermissionsBoundary: boundary }),
      AssumeRolePolicyDocument: policy([
        {
          Effect: "Allow",
          Principal: { Service: "lambda.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      ]),
      Policies: [{ PolicyName: "own", PolicyDocument: policy([writesLog, ...statements]) }],
    },
  };
}

/** @param {object[]} statements */
function policy(statements) {
  return { Version: "2012-10-17", Statement: statements };
}

/**
 * @param {string[]} actions
 * @param {unknown[]} resources ARNs
 */
function allow(actions, resources) {
  return { Effect: "Allow", Action: actions, Resource: resources };
}
