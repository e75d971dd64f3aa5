import { createSecret } from "./create-secret.ts";
import { describeSecret } from "./describe-secret.ts";
import { getRandomPassword } from "./get-random-password.ts";
import { getSecretValue } from "./get-secret-value.ts";
import { listSecretVersionIds } from "./list-secret-version-ids.ts";
import type { Operation } from "./operation.ts";
import { putSecretValue } from "./put-secret-value.ts";
import { rotateSecret } from "./rotate-secret.ts";
import { updateSecretVersionStage } from "./update-secret-version-stage.ts";

/** The operations by their names in X-Amz-Target. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ["CreateSecret", createSecret],
  ["DescribeSecret", describeSecret],
  ["GetRandomPassword", getRandomPassword],
  ["GetSecretValue", getSecretValue],
  ["ListSecretVersionIds", listSecretVersionIds],
  ["PutSecretValue", putSecretValue],
  ["RotateSecret", rotateSecret],
  ["UpdateSecretVersionStage", updateSecretVersionStage],
]);
