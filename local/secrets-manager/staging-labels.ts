import { type Secret, type SecretVersion, versionWithStage } from "./state.ts";

export const AWSCURRENT = "AWSCURRENT";
export const AWSPENDING = "AWSPENDING";
export const AWSPREVIOUS = "AWSPREVIOUS";

/** About as many as AWS keeps. (AWS never removes a version that is younger than a day.) */
const DEPRECATED_VERSIONS_KEPT = 100;

/**
 * Attaches a staging label to one version and so removes it from any other. When AWSCURRENT comes from another
 * version, AWSPREVIOUS moves to that one.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 *
 * @param toVersionId undefined: no version has it any longer
 */
export function moveStage(secret: Secret, stage: string, toVersionId: string | undefined): Secret {
  const from = versionWithStage(secret, stage)?.versionId;
  if (from === toVersionId) return secret;
  const moved = secret.versions.map((version) => place(version, stage, toVersionId));
  const versions =
    stage === AWSCURRENT && from !== undefined
      ? moved.map((version) => place(version, AWSPREVIOUS, from))
      : moved;
  return { ...secret, versions: withoutOldDeprecated(versions) };
}

/**
 * Attaches the labels of PutSecretValue. AWSCURRENT moves last, in whatever order they are given, so that
 * AWSPREVIOUS ends on the version that AWSCURRENT came from. A secret's first version is always AWSCURRENT.
 * A new AWSCURRENT ends a rotation in progress: AWSPENDING is removed from other versions.
 */
export function attachStages(secret: Secret, stages: readonly string[], versionId: string): Secret {
  let result = secret;
  for (const stage of stages) {
    if (stage !== AWSCURRENT) result = moveStage(result, stage, versionId);
  }
  const isFirst = versionWithStage(secret, AWSCURRENT) === undefined;
  if (!isFirst && !stages.includes(AWSCURRENT)) return result;
  const pending = versionWithStage(result, AWSPENDING)?.versionId;
  if (pending !== versionId) result = moveStage(result, AWSPENDING, undefined);
  return moveStage(result, AWSCURRENT, versionId);
}

/** Removes the oldest versions without a label beyond the number that is kept. */
function withoutOldDeprecated(versions: readonly SecretVersion[]): readonly SecretVersion[] {
  const deprecated = versions.filter(({ stages }) => stages.length === 0);
  const surplus = new Set(deprecated.slice(0, -DEPRECATED_VERSIONS_KEPT));
  return versions.filter((version) => !surplus.has(version));
}

/** A version with the label if it is the one; the others are without it. Sorted, as AWS shows them. */
function place(version: SecretVersion, stage: string, versionId: string | undefined) {
  const others = version.stages.filter((other) => other !== stage);
  const isIt = version.versionId === versionId;
  return { ...version, stages: isIt ? [...others, stage].sort() : others };
}
