import { ServiceError } from "../errors.ts";
import { optionalBoolean, optionalInteger, optionalString, requiredString } from "../input.ts";
import { findSecret } from "../secret-id.ts";
import type { SecretVersion } from "../state.ts";
import { identity, type Operation, type Outcome, timestamp } from "./operation.ts";

const MAX_RESULTS = 100;

/**
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html
 * NextToken is the id of the version that a page starts with.
 */
export const listSecretVersionIds: Operation = (state, input): Outcome => {
  const secret = findSecret(state, requiredString(input, "SecretId"));
  const includeDeprecated = optionalBoolean(input, "IncludeDeprecated") ?? false;
  const maxResults = optionalInteger(input, "MaxResults", MAX_RESULTS) ?? MAX_RESULTS;
  const nextToken = optionalString(input, "NextToken");

  const listed = secret.versions.filter(({ stages }) => includeDeprecated || stages.length > 0);
  const start =
    nextToken === undefined ? 0 : listed.findIndex(({ versionId }) => versionId === nextToken);
  if (start === -1) {
    throw new ServiceError("InvalidNextTokenException", "The NextToken value is invalid.");
  }
  return {
    state,
    output: {
      ...identity(secret),
      Versions: listed.slice(start, start + maxResults).map(entry),
      NextToken: listed[start + maxResults]?.versionId,
    },
  };
};

function entry(version: SecretVersion): Record<string, unknown> {
  return {
    VersionId: version.versionId,
    VersionStages: version.stages.length > 0 ? version.stages : undefined,
    CreatedDate: timestamp(version.createdAt),
    KmsKeyIds: ["DefaultEncryptionKey"],
  };
}
