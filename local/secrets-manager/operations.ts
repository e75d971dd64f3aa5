import { isDeepStrictEqual } from "node:util";
import { invalidParameter, ServiceError, tokenInUse } from "./errors.ts";
import {
  type Input,
  optional,
  optionalValue,
  required,
  requiredToken,
  validationError,
} from "./input.ts";
import { rotateSecret, updateSecretVersionStage } from "./label-operations.ts";
import { AWSCURRENT } from "./staging-labels.ts";
import {
  type Context,
  findSecret,
  type Result,
  replaceSecret,
  type Secret,
  type State,
  versionWithId,
} from "./state.ts";
import {
  describeSecret,
  getSecretValue,
  listSecretVersionIds,
  putSecretValue,
} from "./value-operations.ts";

const ARN_PREFIX = "arn:aws:secretsmanager:us-east-1:000000000000:secret:";
const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const NAME = /^[A-Za-z0-9/_+=.@!-]+$/;

/** An operation's result: the same state object when it changes nothing. */
interface Outcome {
  readonly state: State;
  /** The response's JSON; members that are undefined are left out. */
  readonly output: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly parameters: readonly string[];
  /** @throws ServiceError when the response is an error; then nothing changes */
  readonly run: (state: State, input: Input, context: Context) => Outcome;
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
function createSecret(state: State, input: Input, { now, randomInt }: Context): Outcome {
  const name = required(input, "Name");
  if (!NAME.test(name)) throw validationError("Value at 'name'");
  const versionId = requiredToken(input);
  const value = optionalValue(input);
  const existing = state.find((secret) => secret.name === name);
  const version = existing && versionWithId(existing, versionId);
  if (existing && version) {
    if (!isDeepStrictEqual(version.value, value)) throw tokenInUse(versionId, existing.arn);
    return { state, output: { ...identity(existing), VersionId: versionId } };
  }
  if (existing) {
    const message = `The operation failed because the secret ${name} already exists.`;
    throw new ServiceError("ResourceExistsException", message);
  }
  const secret: Secret = {
    arn: `${ARN_PREFIX}${name}-${randomText(LETTERS_AND_DIGITS, 6, randomInt)}`,
    name,
    createdAt: now,
    changedAt: now,
    versions: value ? [{ versionId, createdAt: now, value, stages: [AWSCURRENT] }] : [],
  };
  return {
    state: [...state, secret],
    output: { ...identity(secret), VersionId: value && versionId },
  };
}

/** Each character is as likely as any other. AWS also sees to it that each type of character occurs. */
function getRandomPassword(state: State, input: Input, { randomInt }: Context): Outcome {
  const length = optional(input, "PasswordLength", "number") ?? 32;
  if (!Number.isInteger(length) || length < 1 || length > 4096) {
    throw validationError("Value at 'passwordLength'");
  }
  const isPlain = optional(input, "ExcludePunctuation", "boolean") ?? false;
  const pool = LETTERS_AND_DIGITS + (isPlain ? "" : PUNCTUATION);
  return { state, output: { RandomPassword: randomText(pool, length, randomInt) } };
}

function onSecret(
  run: (secret: Secret, input: Input, context: Context) => Result,
  ...parameters: string[]
): Operation {
  return {
    parameters: ["SecretId", ...parameters],
    run: (state, input, context) => {
      const secret = findSecret(state, required(input, "SecretId"));
      const { changed, output } = run(secret, input, context);
      return {
        state: changed === undefined ? state : replaceSecret(state, changed),
        output: { ...identity(secret), ...output },
      };
    },
  };
}

const VALUE = ["ClientRequestToken", "SecretString", "SecretBinary"];

/** The operations by their names in X-Amz-Target, each with the parameters that it supports. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    CreateSecret: { parameters: ["Name", ...VALUE], run: createSecret },
    DescribeSecret: onSecret(describeSecret),
    GetRandomPassword: {
      parameters: ["PasswordLength", "ExcludePunctuation"],
      run: getRandomPassword,
    },
    GetSecretValue: onSecret(getSecretValue, "VersionId", "VersionStage"),
    ListSecretVersionIds: onSecret(listSecretVersionIds, "IncludeDeprecated"),
    PutSecretValue: onSecret(putSecretValue, "VersionStages", ...VALUE),
    RotateSecret: onSecret(rotateSecret, "ClientRequestToken", "RotationLambdaARN"),
    UpdateSecretVersionStage: onSecret(
      updateSecretVersionStage,
      ...["VersionStage", "MoveToVersionId", "RemoveFromVersionId"],
    ),
  }),
);

/**
 * Runs an operation.
 *
 * @throws ServiceError for one that does not exist here, and for parameters of the real service that nothing here
 *   implements: a caller must not believe that they have an effect
 */
export function runOperation(name: string, state: State, input: Input, context: Context): Outcome {
  const operation = OPERATIONS.get(name);
  if (operation === undefined) {
    const names = [...OPERATIONS.keys()].join(", ");
    const message = `The operations of the embedded Secrets Manager are ${names}.`;
    throw new ServiceError("UnknownOperationException", message);
  }
  const given = Object.keys(input).filter((each) => (input[each] ?? undefined) !== undefined);
  const other = given.find((each) => !operation.parameters.includes(each));
  if (other) throw invalidParameter(`The embedded Secrets Manager does not support ${other}.`);
  return operation.run(state, input, context);
}

function identity({ arn, name }: Secret) {
  return { ARN: arn, Name: name };
}

function randomText(pool: string, length: number, randomInt: Context["randomInt"]): string {
  return Array.from({ length }, () => pool.charAt(randomInt(pool.length))).join("");
}
