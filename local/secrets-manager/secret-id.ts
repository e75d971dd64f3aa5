import { resourceNotFound } from "./errors.ts";
import type { Secret, State } from "./state.ts";

const ARN_PREFIX = "arn:aws:secretsmanager:us-east-1:000000000000:secret:";
const SUFFIX_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SUFFIX_LENGTH = 6;

/**
 * A new secret's ARN: its name, a hyphen and six random characters.
 *
 * @param randomInt a whole number from 0 up to and without its argument
 */
export function newSecretArn(name: string, randomInt: (below: number) => number): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () =>
    SUFFIX_CHARACTERS.charAt(randomInt(SUFFIX_CHARACTERS.length)),
  );
  return `${ARN_PREFIX}${name}-${suffix.join("")}`;
}

/**
 * The secret that a SecretId names: its name, its ARN, or its ARN without the last seven characters.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 *
 * @throws ServiceError ResourceNotFoundException
 */
export function findSecret(state: State, secretId: string): Secret {
  const matches = (id: (secret: Secret) => string) =>
    state.secrets.find((secret) => id(secret) === secretId);
  const secret =
    matches(({ name }) => name) ??
    matches(({ arn }) => arn) ??
    matches(({ arn }) => arn.slice(0, -(SUFFIX_LENGTH + 1)));
  if (secret === undefined)
    throw resourceNotFound("Secrets Manager can't find the specified secret.");
  return secret;
}
