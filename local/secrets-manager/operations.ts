import { invalidParameter, invalidRequest, notFound, unknownOperation } from "./errors.ts";
import { type Operation, type Output, onSecret } from "./operation.ts";
import {
  AWSCURRENT,
  AWSPENDING,
  addVersion,
  moveStage,
  type State,
  unfinishedRotation,
  versionWithId,
  versionWithStage,
} from "./secret.ts";
import { valueOperations } from "./value-operations.ts";

const labelOperations = {
  /** Makes the version that the rotation function fills. The server then invokes the function (rotation.ts). */
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
      if (stage === AWSCURRENT && !to) {
        throw invalidParameter(
          "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
        );
      }
      if (stage === AWSCURRENT && target && target.value === undefined) {
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

/**
 * By their names in X-Amz-Target.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html
 */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ ...valueOperations, ...labelOperations }),
);

/** Runs an operation on a copy of the state. `now` is in unix seconds. @throws ServiceError */
export function runOperation(name: string, state: State, input: object, now: number) {
  const operation = OPERATIONS.get(name);
  if (operation === undefined) {
    const names = [...OPERATIONS.keys()].join(", ");
    throw unknownOperation(`The operations of the embedded Secrets Manager are ${names}.`);
  }
  const after = structuredClone(state);
  const output: Output = operation(after, input, now);
  return { output, state: after };
}
