// @ts-check
import { checkedSettings } from "./parameters.js";

/**
 * A role for each function: it may write its own log, and do with the secrets what it is there for.
 * No two functions share one, and only one of them can write each secret.
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 */
export async function resources(resolvers) {
  const { masterTokenSecretArn, hmacKeySecretArn } = await checkedSettings(resolvers);
  const readsBoth = allow(
    ["secretsmanager:GetSecretValue"],
    [masterTokenSecretArn, hmacKeySecretArn],
  );
  return {
    Resources: {
      SessionRole: role("SessionLogGroup", [readsBoth]),
      AuthorizerRole: role("AuthorizerLogGroup", [readsBoth]),
      SessionStatusRole: role("SessionDashstatusLogGroup", []),
      RegenerateRole: role("RegenerateLogGroup", [
        allow(
          [
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
          ],
          [masterTokenSecretArn],
        ),
      ]),
      RotateRole: role("RotateLogGroup", [
        allow(
          [
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
          ],
          [hmacKeySecretArn],
        ),
        // It concerns no secret, and takes no other resource.
        allow(["secretsmanager:GetRandomPassword"], ["*"]),
      ]),
    },
  };
}

/**
 * @param {string} logGroup logical id; its ARN ends in `:*`, which is the streams of that group
 * @param {object[]} statements
 */
function role(logGroup, statements) {
  const writesLog = allow(
    ["logs:CreateLogStream", "logs:PutLogEvents"],
    [{ "Fn::GetAtt": [logGroup, "Arn"] }],
  );
  return {
    Type: "AWS::IAM::Role",
    Properties: {
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
