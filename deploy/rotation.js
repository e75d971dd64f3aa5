// @ts-check
import { checkedSettings } from "./parameters.js";

/**
 * The schedule by which Secrets Manager rotates the HMAC key, unless `rotationDays` is 0.
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 */
export async function resources(resolvers) {
  const { rotationDays, hmacKeySecretArn } = await checkedSettings(resolvers);
  if (rotationDays === 0) return {};
  return {
    Resources: {
      HmacKeyRotation: {
        Type: "AWS::SecretsManager::RotationSchedule",
        DependsOn: "RotatePermission",
        Properties: {
          SecretId: hmacKeySecretArn,
          RotationLambdaARN: { "Fn::GetAtt": ["RotateLambdaFunction", "Arn"] },
          // A deployment rotates nothing: Secrets Manager only tries testSecret, with a copy of the key.
          RotateImmediatelyOnUpdate: false,
          RotationRules: { AutomaticallyAfterDays: rotationDays },
        },
      },
      RotatePermission: {
        Type: "AWS::Lambda::Permission",
        Properties: {
          FunctionName: { "Fn::GetAtt": ["RotateLambdaFunction", "Arn"] },
          Action: "lambda:InvokeFunction",
          Principal: "secretsmanager.amazonaws.com",
          SourceAccount: { Ref: "AWS::AccountId" },
        },
      },
    },
  };
}
