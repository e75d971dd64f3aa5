import { notFound } from "./errors.ts";
import type { Value } from "./input.ts";

/** One version of a secret. Without staging labels it is deprecated. Times in unix milliseconds. */
export interface SecretVersion {
  readonly versionId: string;
  readonly createdAt: number;
  /** Undefined in a version that RotateSecret has made and no function has filled. */
  readonly value: Value | undefined;
  readonly stages: readonly string[];
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly rotatedAt?: number;
  /** Present after a call of RotateSecret: rotation is on. */
  readonly rotationLambdaArn?: string;
  /** In the order in which they were made. */
  readonly versions: readonly SecretVersion[];
}

/** Everything that is stored; never changed in place. */
export type State = readonly Secret[];

/** What an operation needs besides its input. */
export interface Context {
  /** Unix milliseconds. */
  readonly now: number;
  /** A random whole number from 0 up to and without its argument. */
  readonly randomInt: (below: number) => number;
}

/** What an operation on a secret makes of it; without `changed` the secret is as before. */
export interface Result {
  readonly changed?: Secret;
  readonly output?: Readonly<Record<string, unknown>>;
}

/** The version that holds a staging label, if any. */
export function versionWithStage({ versions }: Secret, stage: string): SecretVersion | undefined {
  return versions.find(({ stages }) => stages.includes(stage));
}

/** The version with an id, if any. */
export function versionWithId({ versions }: Secret, versionId: string): SecretVersion | undefined {
  return versions.find((version) => version.versionId === versionId);
}

/** The text with a staging label in the secret of a name; undefined when there is none. */
export function textWithStage(state: State, name: string, stage: string): string | undefined {
  const secret = state.find((each) => each.name === name);
  const value = secret && versionWithStage(secret, stage)?.value;
  return value && "SecretString" in value ? value.SecretString : undefined;
}

/**
 * The secret that a SecretId names: its name, its ARN, or its ARN without the last seven characters.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 *
 * @throws ServiceError ResourceNotFoundException
 */
export function findSecret(state: State, secretId: string): Secret {
  const secret =
    state.find(({ name }) => name === secretId) ??
    state.find(({ arn }) => arn === secretId || arn.slice(0, -7) === secretId);
  if (secret === undefined) throw notFound(".");
  return secret;
}

/** The state in which a secret replaces the one with the same ARN. */
export function replaceSecret(state: State, secret: Secret): State {
  return state.map((other) => (other.arn === secret.arn ? secret : other));
}
