import { invalidParameter, invalidRequest, notFound } from "./errors.ts";
import { onSecret } from "./operation.ts";
import {
  AWSCURRENT,
  AWSPENDING,
  addVersion,
  moveStage,
  unfinishedRotation,
  versionWithId,
  versionWithStage,
} from "./secret.ts";

export const labelOperations = {
  /**
   * Turns rotation on and makes the version that the rotation function fills, with the label AWSPENDING. The server
   * then invokes the function (rotation.ts).
   * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
   */
  RotateSecret: onSecret(
    ["ClientRequestToken"],
    ["RotationLambdaARN"],
    (secret, { ClientRequestToken: versionId, RotationLambdaARN }, now) => {
      const rotationLambdaArn = RotationLambdaARN || secret.rotationLambdaArn;
      if (rotationLambdaArn === undefined) {
        throw invalidRequest("No Lambda rotation function ARN is associated with this secret.");
      }
      // The same request again: that rotation is in progress, or has ended.
      if (versionWithId(secret, versionId)) return { VersionId: versionId };
      if (unfinishedRotation(secret) !== undefined) {
        throw invalidRequest(
          "A previous rotation isn't complete. That rotation will be reattempted.",
        );
      }
      Object.assign(secret, { rotationLambdaArn, changedAt: now });
      addVersion(secret, versionId, now);
      moveStage(secret, AWSPENDING, versionId);
      return { VersionId: versionId };
    },
  ),

  /** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
  UpdateSecretVersionStage: onSecret(
    ["VersionStage"],
    ["MoveToVersionId", "RemoveFromVersionId"],
    (secret, { VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from }, now) => {
      const holder = versionWithStage(secret, stage)?.versionId;
      const target = to && versionWithId(secret, to);
      if (to && !target) throw notFound(` value for VersionId: ${to}`);
      if (!to && !from) {
        throw invalidParameter("You must provide MoveToVersionId, RemoveFromVersionId, or both.");
      }
      if (!to && stage === AWSCURRENT) {
        throw invalidParameter(
          "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
        );
      }
      if (target && stage === AWSCURRENT && target.value === undefined) {
        throw invalidRequest(`You can't make version ${to} current: it has no secret value.`);
      }
      if (from && from !== holder) {
        throw invalidParameter(
          `When you move staging label ${stage}, if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label ${stage}.`,
        );
      }
      if (!from && holder && holder !== to) {
        throw invalidParameter(
          `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
        );
      }
      if (holder !== to) secret.changedAt = now;
      moveStage(secret, stage, to);
      return {};
    },
  ),
};
