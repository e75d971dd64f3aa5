import { resourceExists, tokenInUse, validationError } from "../errors.ts";
import { requiredString } from "../input.ts";
import { newSecretArn } from "../secret-id.ts";
import { AWSCURRENT } from "../staging-labels.ts";
import { type Secret, versionWithId } from "../state.ts";
import { identity, type Operation, type Outcome } from "./operation.ts";
import { optionalSecretValue, requiredToken, sameValue } from "./secret-value.ts";

const NAME = /^[A-Za-z0-9/_+=.@!-]+$/;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
export const createSecret: Operation = (state, input, { now, randomInt }): Outcome => {
  const name = requiredString(input, "Name");
  if (!NAME.test(name)) {
    throw validationError(
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    );
  }
  const token = requiredToken(input);
  const value = optionalSecretValue(input);

  const existing = state.secrets.find((secret) => secret.name === name);
  if (existing) {
    const version = versionWithId(existing, token);
    if (version === undefined) {
      throw resourceExists(`The operation failed because the secret ${name} already exists.`);
    }
    if (!sameValue(version, value)) throw resourceExists(tokenInUse(token, existing.arn));
    return { state, output: { ...identity(existing), VersionId: token } };
  }

  const secret: Secret = {
    arn: newSecretArn(name, randomInt),
    name,
    createdAt: now,
    changedAt: now,
    versions: value ? [{ versionId: token, createdAt: now, ...value, stages: [AWSCURRENT] }] : [],
  };
  return {
    state: { secrets: [...state.secrets, secret] },
    output: { ...identity(secret), VersionId: value && token },
  };
};
