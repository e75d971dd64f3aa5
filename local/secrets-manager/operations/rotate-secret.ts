import { invalidParameter, invalidRequest, ServiceError, tokenInUse } from "../errors.ts";
import { optionalString, requiredString } from "../input.ts";
import { findSecret } from "../secret-id.ts";
import { AWSCURRENT, AWSPENDING, moveStage } from "../staging-labels.ts";
import { replaceSecret, type Secret, versionWithId, versionWithStage } from "../state.ts";
import { identity, type Operation, type Outcome } from "./operation.ts";
import { TOKEN_MISSING } from "./secret-value.ts";

/**
 * Turns rotation on and makes the version that the rotation function fills, with the label AWSPENDING. The server
 * then invokes the function (rotation.ts).
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
export const rotateSecret: Operation = (state, input, { now }): Outcome => {
  const secret = findSecret(state, requiredString(input, "SecretId"));
  const token = optionalString(input, "ClientRequestToken");
  if (token === undefined) throw invalidParameter(TOKEN_MISSING);
  const rotationLambdaArn = optionalString(input, "RotationLambdaARN") || secret.rotationLambdaArn;
  if (rotationLambdaArn === undefined) {
    throw invalidRequest("No Lambda rotation function ARN is associated with this secret.");
  }
  const output = { ...identity(secret), VersionId: token };

  const existing = versionWithId(secret, token);
  if (existing) {
    // The same request again: that rotation is in progress, or has ended.
    if (isRotationOf(existing.stages)) return { state, output };
    throw invalidRequest(tokenInUse(token, secret.arn));
  }
  if (unfinishedRotation(secret) !== undefined) throw new PreviousRotationIncomplete();

  const pending = { versionId: token, createdAt: now, stages: [] };
  const changed: Secret = {
    ...secret,
    changedAt: now,
    rotationLambdaArn,
    versions: moveStage([...secret.versions, pending], AWSPENDING, token),
  };
  return { state: replaceSecret(state, changed), output };
};

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
  const pending = versionWithStage(secret.versions, AWSPENDING);
  return pending?.stages.includes(AWSCURRENT) ? undefined : pending?.versionId;
}

function isRotationOf(stages: readonly string[]): boolean {
  return stages.includes(AWSPENDING) || stages.includes(AWSCURRENT);
}
