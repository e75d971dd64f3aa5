import { requiredString } from "../input.ts";
import { findSecret } from "../secret-id.ts";
import { identity, type Operation, type Outcome, timestamp } from "./operation.ts";

/**
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
 * Without LastAccessedDate (a read writes nothing here) and NextRotationDate (none is scheduled).
 */
export const describeSecret: Operation = (state, input): Outcome => {
  const secret = findSecret(state, requiredString(input, "SecretId"));
  const labelled = secret.versions.filter(({ stages }) => stages.length > 0);
  return {
    state,
    output: {
      ...identity(secret),
      RotationEnabled: secret.rotationLambdaArn === undefined ? undefined : true,
      RotationLambdaARN: secret.rotationLambdaArn,
      LastRotatedDate: secret.rotatedAt === undefined ? undefined : timestamp(secret.rotatedAt),
      LastChangedDate: timestamp(secret.changedAt),
      CreatedDate: timestamp(secret.createdAt),
      VersionIdsToStages:
        labelled.length > 0
          ? Object.fromEntries(labelled.map(({ versionId, stages }) => [versionId, stages]))
          : undefined,
    },
  };
};
