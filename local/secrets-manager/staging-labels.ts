import { type SecretVersion, versionWithStage } from "./state.ts";

export const AWSCURRENT = "AWSCURRENT";
export const AWSPENDING = "AWSPENDING";
export const AWSPREVIOUS = "AWSPREVIOUS";

/** AWS keeps about as many; it never removes one younger than a day, which a laptop can do without. */
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

/** Removes a staging label from whichever version holds it. */
export function removeStage(versions: Versions, stage: string): Versions {
  return place(versions, stage, undefined);
}

/**
 * The labels of PutSecretValue. Whatever the order given, AWSCURRENT moves last, so that
 * AWSPREVIOUS ends where AWSCURRENT came from. A secret's first version is AWSCURRENT in any case.
 * A new AWSCURRENT ends a rotation that is under way: AWSPENDING leaves the other versions.
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

/** Without the oldest deprecated versions, where there are more than are kept. */
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
