import { randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { invalidParameter, invalidRequest, notFound, resourceExists } from "./errors.ts";
import { type Output, onSecret, operation } from "./operation.ts";
import {
  AWSCURRENT,
  addVersion,
  attachStages,
  type Secret,
  type SecretVersion,
  type Value,
  versionWithId,
  versionWithStage,
} from "./secret.ts";

const ARN_PREFIX = "arn:aws:secretsmanager:us-east-1:000000000000:secret:";
const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

export const valueOperations = {
  CreateSecret: operation(
    ["Name", "ClientRequestToken"],
    ["SecretString", "SecretBinary"],
    (state, { Name: name, ClientRequestToken: versionId, ...value }, now) => {
      const arn = `${ARN_PREFIX}${name}-${randomText(LETTERS_AND_DIGITS, 6)}`;
      const existing = state.find((secret) => secret.name === name);
      const secret = existing ?? { arn, name, createdAt: now, changedAt: now, versions: [] };
      if (!existing) state.push(secret);
      else if (!versionWithId(secret, versionId)) {
        throw resourceExists(`The operation failed because the secret ${name} already exists.`);
      }
      storeValue(secret, versionId, value, [AWSCURRENT], now);
      return { ARN: secret.arn, Name: name, VersionId: versionId };
    },
  ),

  DescribeSecret: onSecret([], [], (secret) => {
    const labelled = secret.versions.filter(({ stages }) => stages.length > 0);
    const labels = Object.fromEntries(labelled.map(({ versionId, stages }) => [versionId, stages]));
    return {
      RotationEnabled: secret.rotationLambdaArn === undefined ? undefined : true,
      RotationLambdaARN: secret.rotationLambdaArn,
      LastRotatedDate: secret.rotatedAt,
      LastChangedDate: secret.changedAt,
      CreatedDate: secret.createdAt,
      VersionIdsToStages: labels,
    };
  }),

  /** Each character is as likely as any other. AWS also sees to it that each type of character occurs. */
  GetRandomPassword: operation(
    [],
    ["PasswordLength", "ExcludePunctuation"],
    (_, { PasswordLength = 32, ExcludePunctuation = false }) => {
      const pool = LETTERS_AND_DIGITS + (ExcludePunctuation ? "" : PUNCTUATION);
      return { RandomPassword: randomText(pool, PasswordLength) };
    },
  ),

  GetSecretValue: onSecret([], ["VersionId", "VersionStage"], (secret, input) => {
    const { VersionId: id, VersionStage: stage = id ? undefined : AWSCURRENT } = input;
    const version = id ? versionWithId(secret, id) : versionWithStage(secret, String(stage));
    if (version?.value === undefined) {
      throw notFound(` value for ${id ? `VersionId: ${id}` : `staging label: ${stage}`}`);
    }
    if (stage !== undefined && !version.stages.includes(stage)) {
      throw invalidRequest(
        "You provided a VersionStage that is not associated to the provided VersionId.",
      );
    }
    return { ...version.value, ...description(version) };
  }),

  /** All versions at once, without pages. */
  ListSecretVersionIds: onSecret([], ["IncludeDeprecated"], ({ versions }, input) => {
    const listed = versions.filter(({ stages }) => input.IncludeDeprecated || stages.length > 0);
    return { Versions: listed.map(description) };
  }),

  PutSecretValue: onSecret(
    ["ClientRequestToken"],
    ["SecretString", "SecretBinary", "VersionStages"],
    (secret, input, now) => {
      const { SecretId: _, ClientRequestToken: versionId, VersionStages, ...value } = input;
      return storeValue(secret, versionId, value, VersionStages ?? [AWSCURRENT], now);
    },
  ),
};

/** Gives a version a value; the same request again does nothing. */
function storeValue(
  secret: Secret,
  versionId: string,
  value: Value,
  stages: readonly string[],
  now: number,
): Output {
  if (Object.keys(value).length === 0) {
    throw invalidRequest("You must provide either SecretString or SecretBinary.");
  }
  if (Object.keys(value).length > 1) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  // RotateSecret may have made this version, and the rotation function stores its value now.
  const version = versionWithId(secret, versionId) ?? addVersion(secret, versionId, now);
  if (version.value === undefined) {
    version.value = value;
    secret.changedAt = now;
    attachStages(secret, stages, versionId);
  } else if (!isDeepStrictEqual(version.value, value)) {
    throw resourceExists(
      `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
  return { VersionId: versionId, VersionStages: version.stages };
}

function description({ versionId, stages, createdAt }: SecretVersion): Output {
  const VersionStages = stages.length > 0 ? stages : undefined;
  return { VersionId: versionId, VersionStages, CreatedDate: createdAt };
}

function randomText(pool: string, length: number): string {
  return Array.from({ length }, () => pool.charAt(randomInt(pool.length))).join("");
}
