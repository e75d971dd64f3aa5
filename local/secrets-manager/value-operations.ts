import { isDeepStrictEqual } from "node:util";
import { invalidRequest, notFound, tokenInUse } from "./errors.ts";
import {
  type Input,
  optional,
  optionalValue,
  required,
  requiredToken,
  serializationError,
} from "./input.ts";
import { AWSCURRENT, attachStages } from "./staging-labels.ts";
import {
  type Context,
  type Result,
  type Secret,
  versionWithId,
  versionWithStage,
} from "./state.ts";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export function describeSecret(secret: Secret): Result {
  const labelled = secret.versions.filter(({ stages }) => stages.length > 0);
  const labels = Object.fromEntries(labelled.map(({ versionId, stages }) => [versionId, stages]));
  return {
    output: {
      RotationEnabled: secret.rotationLambdaArn === undefined ? undefined : true,
      RotationLambdaARN: secret.rotationLambdaArn,
      LastRotatedDate: secret.rotatedAt && timestamp(secret.rotatedAt),
      LastChangedDate: timestamp(secret.changedAt),
      CreatedDate: timestamp(secret.createdAt),
      VersionIdsToStages: labelled.length > 0 ? labels : undefined,
    },
  };
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export function getSecretValue(secret: Secret, input: Input): Result {
  const versionId = optional(input, "VersionId");
  const stage = optional(input, "VersionStage");
  const label = stage ?? AWSCURRENT;
  const version = versionId ? versionWithId(secret, versionId) : versionWithStage(secret, label);
  if (version?.value === undefined) {
    const sought = versionId ? `VersionId: ${versionId}` : `staging label: ${label}`;
    throw notFound(` value for ${sought}`);
  }
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw invalidRequest(
      "You provided a VersionStage that is not associated to the provided VersionId.",
    );
  }
  return {
    output: {
      ...version.value,
      VersionId: version.versionId,
      VersionStages: version.stages.length > 0 ? version.stages : undefined,
      CreatedDate: timestamp(version.createdAt),
    },
  };
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
export function putSecretValue(secret: Secret, input: Input, { now }: Context): Result {
  const versionId = requiredToken(input);
  const value = optionalValue(input);
  if (value === undefined) {
    throw invalidRequest("You must provide either SecretString or SecretBinary.");
  }
  const stages = input.VersionStages ?? [AWSCURRENT];
  if (!Array.isArray(stages)) throw serializationError("VersionStages must be a list.");
  for (const stage of stages) required({ VersionStage: stage }, "VersionStage");
  const outputOf = ({ versions }: Secret) => ({
    VersionId: versionId,
    VersionStages: versions.find((version) => version.versionId === versionId)?.stages,
  });

  const existing = versionWithId(secret, versionId);
  if (existing?.value !== undefined) {
    if (!isDeepStrictEqual(existing.value, value)) throw tokenInUse(versionId, secret.arn);
    return { output: outputOf(secret) };
  }
  // RotateSecret may have made this version, and the rotation function stores its value now.
  const version = existing ?? { versionId, createdAt: now, stages: [] };
  const others = secret.versions.filter((other) => other !== existing);
  const versions = [...others, { ...version, value }];
  const changed = attachStages({ ...secret, changedAt: now, versions }, stages, versionId);
  return { changed, output: outputOf(changed) };
}

/** All versions at once, without pages: API_ListSecretVersionIds.html in the same place. */
export function listSecretVersionIds({ versions }: Secret, input: Input): Result {
  const all = optional(input, "IncludeDeprecated", "boolean") ?? false;
  const listed = versions.filter(({ stages }) => all || stages.length > 0);
  return {
    output: {
      Versions: listed.map(({ versionId, stages, createdAt }) => ({
        VersionId: versionId,
        VersionStages: stages.length > 0 ? stages : undefined,
        CreatedDate: timestamp(createdAt),
      })),
    },
  };
}

/** A time as AWS JSON 1.1 writes it: unix seconds with a fraction. */
function timestamp(milliseconds: number): number {
  return milliseconds / 1000;
}
