import { invalidRequest, resourceExists, tokenInUse } from "../errors.ts";
import { optionalStages, requiredString } from "../input.ts";
import { findSecret } from "../secret-id.ts";
import { AWSCURRENT, attachStages, dropOldDeprecated } from "../staging-labels.ts";
import { hasValue, replaceSecret, type Secret, versionWithId } from "../state.ts";
import { identity, type Operation, type Outcome } from "./operation.ts";
import { optionalSecretValue, requiredToken, sameValue } from "./secret-value.ts";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
export const putSecretValue: Operation = (state, input, { now }): Outcome => {
  const secret = findSecret(state, requiredString(input, "SecretId"));
  const token = requiredToken(input);
  const value = optionalSecretValue(input);
  if (value === undefined) {
    throw invalidRequest("You must provide either SecretString or SecretBinary.");
  }
  const stages = optionalStages(input) ?? [AWSCURRENT];

  const existing = versionWithId(secret, token);
  if (existing && hasValue(existing)) {
    if (!sameValue(existing, value)) throw resourceExists(tokenInUse(token, secret.arn));
    return { state, output: outputOf(secret, token) };
  }

  // RotateSecret made this version, and the rotation function stores its value now.
  const versions = existing
    ? secret.versions.map((other) => (other === existing ? { ...other, ...value } : other))
    : [...secret.versions, { versionId: token, createdAt: now, ...value, stages: [] }];
  const changed: Secret = {
    ...secret,
    changedAt: now,
    versions: dropOldDeprecated(attachStages(versions, stages, token)),
  };
  return { state: replaceSecret(state, changed), output: outputOf(changed, token) };
};

function outputOf(secret: Secret, versionId: string): Outcome["output"] {
  const stages = versionWithId(secret, versionId)?.stages;
  return { ...identity(secret), VersionId: versionId, VersionStages: stages };
}
