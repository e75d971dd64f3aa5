import { invalidRequest, resourceNotFound } from "../errors.ts";
import { optionalString, requiredString } from "../input.ts";
import { findSecret } from "../secret-id.ts";
import { AWSCURRENT } from "../staging-labels.ts";
import {
  hasValue,
  type Secret,
  type SecretVersion,
  versionWithId,
  versionWithStage,
} from "../state.ts";
import { identity, type Operation, type Outcome, timestamp } from "./operation.ts";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export const getSecretValue: Operation = (state, input): Outcome => {
  const secret = findSecret(state, requiredString(input, "SecretId"));
  const versionId = optionalString(input, "VersionId");
  const stage = optionalString(input, "VersionStage");
  const version = findVersion(secret, versionId, stage);
  return {
    state,
    output: {
      ...identity(secret),
      VersionId: version.versionId,
      SecretString: version.secretString,
      SecretBinary: version.secretBinary,
      VersionStages: version.stages.length > 0 ? version.stages : undefined,
      CreatedDate: timestamp(version.createdAt),
    },
  };
};

function findVersion(
  secret: Secret,
  versionId: string | undefined,
  stage: string | undefined,
): SecretVersion {
  const label = stage ?? AWSCURRENT;
  const version =
    versionId === undefined
      ? versionWithStage(secret.versions, label)
      : versionWithId(secret, versionId);
  if (version === undefined || !hasValue(version)) {
    const sought = versionId === undefined ? `staging label: ${label}` : `VersionId: ${versionId}`;
    throw resourceNotFound(`Secrets Manager can't find the specified secret value for ${sought}`);
  }
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw invalidRequest(
      "You provided a VersionStage that is not associated to the provided VersionId.",
    );
  }
  return version;
}
