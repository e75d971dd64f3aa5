// @ts-check

/**
 * The secrets that the operator has not named, and the schedule by which the HMAC key is rotated. A secret has no
 * `Name`, so that a stack that is removed and deployed again does not collide with those that it left behind.
 *
 * @param {import("./settings.js").Settings} settings
 */
export function secrets({ masterTokenSecretArn, hmacKeySecretArn, rotationDays }) {
  const isOurs = (/** @type {unknown} */ arn) => typeof arn !== "string";
  const MasterToken = generatedSecret("PocketPaw's master access token", 48);
  const HmacKey = generatedSecret("The key of the session tokens", 64);
  const rotate = { "Fn::GetAtt": ["RotateLambdaFunction", "Arn"] };
  return {
    Resources: {
      ...(isOurs(masterTokenSecretArn) && { MasterToken }),
      ...(isOurs(hmacKeySecretArn) && { HmacKey }),
      ...(rotationDays > 0 && {
        HmacKeyRotation: {
          Type: "AWS::SecretsManager::RotationSchedule",
          DependsOn: "RotatePermission",
          Properties: {
            SecretId: hmacKeySecretArn,
            RotationLambdaARN: rotate,
            // A deployment rotates nothing: Secrets Manager only tries testSecret, with a copy of the key.
            RotateImmediatelyOnUpdate: false,
            RotationRules: { AutomaticallyAfterDays: rotationDays },
          },
        },
        RotatePermission: {
          Type: "AWS::Lambda::Permission",
          Properties: {
            FunctionName: rotate,
            Action: "lambda:InvokeFunction",
            Principal: "secretsmanager.amazonaws.com",
            SourceAccount: { Ref: "AWS::AccountId" },
          },
        },
      }),
    },
  };
}

/**
 * A secret that stays when the stack goes, but not when its first deployment fails.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
 *
 * @param {string} Description
 * @param {number} PasswordLength letters and digits, of close to 6 bits each
 */
export function generatedSecret(Description, PasswordLength) {
  return {
    Type: "AWS::SecretsManager::Secret",
    DeletionPolicy: "RetainExceptOnCreate",
    UpdateReplacePolicy: "Retain",
    Properties: { Description, GenerateSecretString: { PasswordLength, ExcludePunctuation: true } },
  };
}
