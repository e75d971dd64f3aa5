/** A secret's value, as in a request: text, or base64 as on the wire. */
export interface Value {
  readonly SecretString?: string;
  readonly SecretBinary?: string;
}

/** One version of a secret. Without staging labels it is deprecated. Times in unix seconds, with a fraction. */
export interface SecretVersion {
  readonly versionId: string;
  readonly createdAt: number;
  /** Absent in a version that RotateSecret has made and no function has filled. */
  value?: Value;
  stages: readonly string[];
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  changedAt: number;
  rotatedAt?: number;
  /** Present after a call of RotateSecret: rotation is on. */
  rotationLambdaArn?: string;
  readonly versions: SecretVersion[];
}

export type State = Secret[];

export const AWSCURRENT = "AWSCURRENT";
export const AWSPENDING = "AWSPENDING";
const AWSPREVIOUS = "AWSPREVIOUS";

/**
 * The secret that a SecretId names: its name, its ARN, or its ARN without the last seven characters.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 */
export function findSecret(state: State, secretId: unknown): Secret | undefined {
  return state.find(({ name, arn }) => [name, arn, arn.slice(0, -7)].includes(String(secretId)));
}

export function addVersion(secret: Secret, versionId: string, now: number): SecretVersion {
  const version: SecretVersion = { versionId, createdAt: now, stages: [] };
  secret.versions.push(version);
  return version;
}

export function versionWithStage({ versions }: Secret, stage: string): SecretVersion | undefined {
  return versions.find(({ stages }) => stages.includes(stage));
}

export function versionWithId({ versions }: Secret, versionId: string): SecretVersion | undefined {
  return versions.find((version) => version.versionId === versionId);
}

/** The text with a staging label in the secret of a name; undefined when there is none. */
export function textWithStage(state: State, name: string, stage: string): string | undefined {
  const secret = findSecret(state, name);
  return secret && versionWithStage(secret, stage)?.value?.SecretString;
}

/** The version that a rotation made and that is not current yet, if any. */
export function unfinishedRotation(secret: Secret): string | undefined {
  const pending = versionWithStage(secret, AWSPENDING);
  return pending?.stages.includes(AWSCURRENT) ? undefined : pending?.versionId;
}

/**
 * Attaches a staging label to one version and so removes it from any other. When AWSCURRENT comes from another
 * version, AWSPREVIOUS moves to that one.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export function moveStage(secret: Secret, stage: string, to: string | undefined): void {
  const from = versionWithStage(secret, stage)?.versionId;
  if (from === to) return;
  for (const version of secret.versions) {
    const others = version.stages.filter((other) => other !== stage);
    // Sorted, as AWS shows them.
    version.stages = version.versionId === to ? [...others, stage].sort() : others;
  }
  if (stage === AWSCURRENT && from !== undefined) moveStage(secret, AWSPREVIOUS, from);
}

/**
 * Attaches the labels of PutSecretValue. AWSCURRENT moves last, in whatever order they are given, so that
 * AWSPREVIOUS ends on the version that AWSCURRENT came from. A new AWSCURRENT ends a rotation in progress: AWSPENDING is
 * removed from other versions.
 */
export function attachStages(secret: Secret, stages: readonly string[], versionId: string): void {
  for (const stage of stages) if (stage !== AWSCURRENT) moveStage(secret, stage, versionId);
  if (!stages.includes(AWSCURRENT)) return;
  const pending = versionWithStage(secret, AWSPENDING)?.versionId;
  if (pending !== versionId) moveStage(secret, AWSPENDING, undefined);
  moveStage(secret, AWSCURRENT, versionId);
}
