import { createSecret } from "./create-secret.ts";
import { describeSecret } from "./describe-secret.ts";
import { getRandomPassword } from "./get-random-password.ts";
import { getSecretValue } from "./get-secret-value.ts";
import { listSecretVersionIds } from "./list-secret-version-ids.ts";
import type { Operation } from "./operation.ts";
import { putSecretValue } from "./put-secret-value.ts";
import { rotateSecret } from "./rotate-secret.ts";
import { updateSecretVersionStage } from "./update-secret-version-stage.ts";

interface SupportedOperation {
  readonly run: Operation;
  readonly parameters: readonly string[];
}

/** The operations by their names in X-Amz-Target, each with the parameters that it supports. */
export const OPERATIONS: ReadonlyMap<string, SupportedOperation> = new Map(
  Object.entries({
    CreateSecret: {
      run: createSecret,
      parameters: ["Name", "ClientRequestToken", "SecretString", "SecretBinary"],
    },
    DescribeSecret: { run: describeSecret, parameters: ["SecretId"] },
    GetRandomPassword: {
      run: getRandomPassword,
      parameters: ["PasswordLength", "ExcludePunctuation"],
    },
    GetSecretValue: {
      run: getSecretValue,
      parameters: ["SecretId", "VersionId", "VersionStage"],
    },
    ListSecretVersionIds: {
      run: listSecretVersionIds,
      parameters: ["SecretId", "IncludeDeprecated"],
    },
    PutSecretValue: {
      run: putSecretValue,
      parameters: [
        "SecretId",
        "ClientRequestToken",
        "SecretString",
        "SecretBinary",
        "VersionStages",
      ],
    },
    RotateSecret: {
      run: rotateSecret,
      parameters: ["SecretId", "ClientRequestToken", "RotationLambdaARN"],
    },
    UpdateSecretVersionStage: {
      run: updateSecretVersionStage,
      parameters: ["SecretId", "VersionStage", "MoveToVersionId", "RemoveFromVersionId"],
    },
  }),
);
