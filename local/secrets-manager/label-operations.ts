import { invalidParameter, invalidRequest, notFound, ServiceError } from "./errors.ts";
import { type Input, optional, required, requiredToken } from "./input.ts";
import { AWSCURRENT, AWSPENDING, moveStage } from "./staging-labels.ts";
import {
  type Context,
  type Result,
  type Secret,
  versionWithId,
  versionWithStage,
} from "./state.ts";

/** AWS responds with this error, and continues the earlier rotation. */
export class PreviousRotationIncomplete extends ServiceError {
  constructor() {
    super(
      "InvalidRequestException",
      "A previous rotation isn't complete. That rotation will be reattempted.",
    );
  }
}

/** The version that a rotation made and that is not current yet, if any. */
export function unfinishedRotation(secret: Secret): string | undefined {
  const pending = versionWithStage(secret, AWSPENDING);
  return pending?.stages.includes(AWSCURRENT) ? undefined : pending?.versionId;
}

/**
 * Turns rotation on and makes the version that the rotation function fills, with the label AWSPENDING. The server
 * then invokes the function (rotation.ts).
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
export function rotateSecret(secret: Secret, input: Input, { now }: Context): Result {
  const versionId = requiredToken(input);
  const rotationLambdaArn = optional(input, "RotationLambdaARN") || secret.rotationLambdaArn;
  if (rotationLambdaArn === undefined) {
    throw invalidRequest("No Lambda rotation function ARN is associated with this secret.");
  }
  const output = { VersionId: versionId };
  // The same request again: that rotation is in progress, or has ended.
  if (versionWithId(secret, versionId)) return { output };
  if (unfinishedRotation(secret) !== undefined) throw new PreviousRotationIncomplete();
  const pending = { versionId, createdAt: now, value: undefined, stages: [] };
  const versions = [...secret.versions, pending];
  const changed = { ...secret, changedAt: now, rotationLambdaArn, versions };
  return { changed: moveStage(changed, AWSPENDING, versionId), output };
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
export function updateSecretVersionStage(secret: Secret, input: Input, { now }: Context): Result {
  const stage = required(input, "VersionStage");
  const removeFrom = optional(input, "RemoveFromVersionId");
  const moveTo = optional(input, "MoveToVersionId");
  const holder = versionWithStage(secret, stage)?.versionId;
  if (moveTo === undefined) checkRemoval(stage, holder, removeFrom);
  else checkMove(secret, stage, holder, removeFrom, moveTo);
  return holder === moveTo
    ? {}
    : { changed: { ...moveStage(secret, stage, moveTo), changedAt: now } };
}

function checkRemoval(stage: string, holder: string | undefined, from: string | undefined): void {
  if (from === undefined) {
    throw invalidParameter("You must provide MoveToVersionId, RemoveFromVersionId, or both.");
  }
  if (stage === AWSCURRENT) {
    throw invalidParameter(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    );
  }
  if (from !== holder) {
    throw invalidParameter(`Staging label ${stage} is not attached to version ${from}.`);
  }
}

function checkMove(
  secret: Secret,
  stage: string,
  holder: string | undefined,
  from: string | undefined,
  to: string,
): void {
  const target = versionWithId(secret, to);
  if (target === undefined) throw notFound(` value for VersionId: ${to}`);
  if (from !== undefined && from !== holder) {
    throw invalidParameter(
      `When you move staging label ${stage}, if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label ${stage}.`,
    );
  }
  if (from === undefined && holder !== undefined && holder !== to) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (stage === AWSCURRENT && target.value === undefined) {
    throw invalidRequest(`You can't make version ${to} current: it has no secret value.`);
  }
}
