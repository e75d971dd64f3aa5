import { optionalBoolean, requiredString } from "../input.ts";
import { findSecret } from "../secret-id.ts";
import type { SecretVersion } from "../state.ts";
import { identity, type Operation, type Outcome, timestamp } from "./operation.ts";

/**
 * All versions at once, without pages.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html
 */
export const listSecretVersionIds: Operation = (state, input): Outcome => {
  const secret = findSecret(state, requiredString(input, "SecretId"));
  const includeDeprecated = optionalBoolean(input, "IncludeDeprecated") ?? false;
  const listed = secret.versions.filter(({ stages }) => includeDeprecated || stages.length > 0);
  return {
    state,
    output: {
      ...identity(secret),
      Versions: listed.map(entry),
    },
  };
};

function entry(version: SecretVersion): Record<string, unknown> {
  return {
    VersionId: version.versionId,
    VersionStages: version.stages.length > 0 ? version.stages : undefined,
    CreatedDate: timestamp(version.createdAt),
  };
}
