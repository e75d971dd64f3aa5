// @ts-check
import { checkedSettings } from "./parameters.js";

const READ = "secretsmanager:GetSecretValue";
const WRITE = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"];

/**
 * A role for each function: it may write its own log, and do with the secrets what it is there for.
 * No two functions share one, and only one of them can write each secret.
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 */
export async function resources(resolvers) {
  const settings = await checkedSettings(resolvers);
  const { masterTokenSecretArn, hmacKeySecretArn, upstreamSecretId } = settings;
  const readsBoth = allow([READ], [masterTokenSecretArn, hmacKeySecretArn]);
  /**
   * @param {string} logGroup
   * @param {object[]} statements
   */
  const own = (logGroup, statements) => role(logGroup, statements, settings.permissionsBoundaryArn);
  return {
    Resources: {
      SessionRole: own("SessionLogGroup", [readsBoth]),
      AuthorizerRole: own("AuthorizerLogGroup", [readsBoth]),
      VerifyRole: own("VerifyLogGroup", [readsBoth]),
      LoginRole: own("LoginLogGroup", [readsBoth]),
      QrRole: own("QrLogGroup", [readsBoth]),
      SessionStatusRole: own("SessionDashstatusLogGroup", []),
      LogoutRole: own("LogoutLogGroup", []),
      PageRole: own("PageLogGroup", []),
      HealthzRole: own("HealthzLogGroup", []),
      RegenerateRole: own("RegenerateLogGroup", [
        allow([READ, ...WRITE], [masterTokenSecretArn]),
        // For the session of a caller that was authorized by one.
        allow([READ], [hmacKeySecretArn]),
        ...(upstreamSecretId === null ? [] : [allow([READ], [upstreamSecretId])]),
      ]),
      RotateRole: own("RotateLogGroup", [
        allow(["secretsmanager:DescribeSecret", READ, ...WRITE], [hmacKeySecretArn]),
        // The action concerns no secret, so that IAM allows only `*` as its resource.
        allow(["secretsmanager:GetRandomPassword"], ["*"]),
      ]),
    },
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
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "lambda.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      },
      Policies: [
        {
          PolicyName: "own",
          PolicyDocument: { Version: "2012-10-17", Statement: [writesLog, ...statements] },
        },
      ],
    },
  };
}

/**
 * @param {string[]} actions
 * @param {unknown[]} resources ARNs
 */
function allow(actions, resources) {
  return { Effect: "Allow", Action: actions, Resource: resources };
}
