import { type SecretVersion, versionWithStage } from "./state.ts";

export const AWSCURRENT = "AWSCURRENT";
export const AWSPENDING = "AWSPENDING";
export const AWSPREVIOUS = "AWSPREVIOUS";

/** About as many as AWS keeps. (AWS never removes a version that is younger than a day.) */
const DEPRECATED_VERSIONS_KEPT = 100;

type Versions = readonly SecretVersion[];

/**
 * Attaches a staging label to one version and so removes it from any other. When AWSCURRENT comes
 * from another version, AWSPREVIOUS moves to that one.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export function moveStage(versions: Versions, stage: string, toVersionId: string): Versions {
  const from = versionWithStage(versions, stage);
  if (from?.versionId === toVersionId) return versions;
  const moved = place(versions, stage, toVersionId);
  return stage === AWSCURRENT && from ? place(moved, AWSPREVIOUS, from.versionId) : moved;
}

/** Removes a staging label from the version that has it. */
export function removeStage(versions: Versions, stage: string): Versions {
  return place(versions, stage, undefined);
}

/**
 * Attaches the labels of PutSecretValue. AWSCURRENT moves last, in whatever order they are given, so that
 * AWSPREVIOUS ends on the version that AWSCURRENT came from. A secret's first version is always AWSCURRENT.
 * A new AWSCURRENT ends a rotation in progress: AWSPENDING is removed from other versions.
 */
export function attachStages(
  versions: Versions,
  stages: readonly string[],
  toVersionId: string,
): Versions {
  let result = versions;
  for (const stage of stages) {
    if (stage !== AWSCURRENT) result = moveStage(result, stage, toVersionId);
  }
  const isFirst = versionWithStage(versions, AWSCURRENT) === undefined;
  if (!isFirst && !stages.includes(AWSCURRENT)) return result;
  const pending = versionWithStage(result, AWSPENDING);
  if (pending && pending.versionId !== toVersionId) result = removeStage(result, AWSPENDING);
  return moveStage(result, AWSCURRENT, toVersionId);
}

/** Removes the oldest deprecated versions beyond the number that is kept. */
export function dropOldDeprecated(versions: Versions): Versions {
  const deprecated = versions.filter((version) => version.stages.length === 0);
  const surplus = new Set(deprecated.slice(0, -DEPRECATED_VERSIONS_KEPT));
  return surplus.size === 0 ? versions : versions.filter((version) => !surplus.has(version));
}

function place(versions: Versions, stage: string, versionId: string | undefined): Versions {
  return versions.map((version) => {
    const others = version.stages.filter((other) => other !== stage);
    // Sorted, as AWS shows them.
    if (version.versionId === versionId) return { ...version, stages: [...others, stage].sort() };
    return others.length === version.stages.length ? version : { ...version, stages: others };
  });
}
