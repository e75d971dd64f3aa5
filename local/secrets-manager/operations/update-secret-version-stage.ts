import { invalidParameter, invalidRequest, resourceNotFound } from "../errors.ts";
import { optionalString, requiredString } from "../input.ts";
import { findSecret } from "../secret-id.ts";
import { AWSCURRENT, dropOldDeprecated, moveStage, removeStage } from "../staging-labels.ts";
import {
  hasValue,
  replaceSecret,
  type Secret,
  type SecretVersion,
  versionWithId,
  versionWithStage,
} from "../state.ts";
import { identity, type Operation, type Outcome } from "./operation.ts";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
export const updateSecretVersionStage: Operation = (state, input, { now }): Outcome => {
  const secret = findSecret(state, requiredString(input, "SecretId"));
  const stage = requiredString(input, "VersionStage");
  const removeFrom = optionalString(input, "RemoveFromVersionId");
  const moveTo = optionalString(input, "MoveToVersionId");

  const holder = versionWithStage(secret.versions, stage)?.versionId;
  const versions =
    moveTo === undefined
      ? removed(secret, stage, holder, removeFrom)
      : moved(secret, stage, holder, removeFrom, moveTo);
  if (versions === secret.versions) return { state, output: identity(secret) };
  const changed = { ...secret, changedAt: now, versions: dropOldDeprecated(versions) };
  return { state: replaceSecret(state, changed), output: identity(secret) };
};

function removed(
  secret: Secret,
  stage: string,
  holder: string | undefined,
  removeFrom: string | undefined,
): readonly SecretVersion[] {
  if (removeFrom === undefined) {
    throw invalidParameter("You must provide MoveToVersionId, RemoveFromVersionId, or both.");
  }
  if (stage === AWSCURRENT) {
    throw invalidParameter(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    );
  }
  if (removeFrom !== holder) {
    throw invalidParameter(`Staging label ${stage} is not attached to version ${removeFrom}.`);
  }
  return removeStage(secret.versions, stage);
}

function moved(
  secret: Secret,
  stage: string,
  holder: string | undefined,
  removeFrom: string | undefined,
  moveTo: string,
): readonly SecretVersion[] {
  const target = versionWithId(secret, moveTo);
  if (target === undefined) {
    throw resourceNotFound(
      `Secrets Manager can't find the specified secret value for VersionId: ${moveTo}`,
    );
  }
  if (removeFrom !== undefined && removeFrom !== holder) {
    throw invalidParameter(
      `When you move staging label ${stage}, if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label ${stage}.`,
    );
  }
  if (removeFrom === undefined && holder !== undefined && holder !== moveTo) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (stage === AWSCURRENT && !hasValue(target)) {
    throw invalidRequest(`You can't make version ${moveTo} current: it has no secret value.`);
  }
  return moveStage(secret.versions, stage, moveTo);
}
