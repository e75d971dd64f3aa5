// @ts-check

/**
 * The secrets that the operator has not named, and the schedule by which Secrets Manager rotates the HMAC key. A
 * secret has no `Name`, so that a stack that is removed and deployed again does not collide with the ones that it
 * left behind.
 *
 * @param {import("./settings.js").Settings} settings
 */
export function secrets({ masterTokenSecretArn, hmacKeySecretArn, rotationDays }) {
  return {
    Resources: {
      ...(typeof masterTokenSecretArn !== "string" && {
        MasterToken: generatedSecret("PocketPaw's master access token", 48),
      }),
      ...(typeof hmacKeySecretArn !== "string" && {
        HmacKey: generatedSecret("The key of the session tokens", 64),
      }),
      ...(rotationDays > 0 && rotation(hmacKeySecretArn, rotationDays)),
    },
  };
}

/**
 * A secret that stays when the stack goes, but not when its first deployment fails.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
 *
 * @param {string} description
 * @param {number} length letters and digits, of close to 6 bits each
 */
export function generatedSecret(description, length) {
  return {
    Type: "AWS::SecretsManager::Secret",
    DeletionPolicy: "RetainExceptOnCreate",
    UpdateReplacePolicy: "Retain",
    Properties: {
      Description: description,
      GenerateSecretString: { PasswordLength: length, ExcludePunctuation: true },
    },
  };
}

/**
 * @param {import("./parameters.js").SecretArn} secret
 * @param {number} days
 */
function rotation(secret, days) {
  const rotate = { "Fn::GetAtt": ["RotateLambdaFunction", "Arn"] };
  return {
    HmacKeyRotation: {
      Type: "AWS::SecretsManager::RotationSchedule",
      DependsOn: "RotatePermission",
      Properties: {
        SecretId: secret,
        RotationLambdaARN: rotate,
        // A deployment rotates nothing: Secrets Manager only tries testSecret, with a copy of the key.
        RotateImmediatelyOnUpdate: false,
        RotationRules: { AutomaticallyAfterDays: days },
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
  };
}
