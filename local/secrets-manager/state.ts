/** One version of a secret. Without staging labels it is deprecated. Times in unix milliseconds. */
export interface SecretVersion {
  readonly versionId: string;
  readonly createdAt: number;
  /** The value: one of the two, or neither in a version that RotateSecret has made and no function has filled. */
  readonly secretString?: string;
  /** Base64, as on the wire. */
  readonly secretBinary?: string;
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
export interface State {
  readonly secrets: readonly Secret[];
}

/** Holds the state in memory. */
export interface Store {
  readonly state: () => State;
  /** Makes a change; when it, or `onChange`, throws, nothing has changed. */
  readonly update: <T extends { readonly state: State }>(change: (state: State) => T) => T;
}

/** @param onChange called with each new state before it counts */
export function createStore(onChange: (state: State) => void): Store {
  let state: State = { secrets: [] };
  return {
    state: () => state,
    update: (change) => {
      const outcome = change(state);
      if (outcome.state !== state) onChange(outcome.state);
      state = outcome.state;
      return outcome;
    },
  };
}

/** The text with a staging label in the secret of a name; undefined when there is none. */
export function valueWithStage({ secrets }: State, name: string, stage: string) {
  const versions = secrets.find((secret) => secret.name === name)?.versions ?? [];
  return versionWithStage(versions, stage)?.secretString;
}

/** Whether a version has a value yet. */
export function hasValue(version: SecretVersion): boolean {
  return version.secretString !== undefined || version.secretBinary !== undefined;
}

/** The version that holds a staging label, if any. */
export function versionWithStage(
  versions: readonly SecretVersion[],
  stage: string,
): SecretVersion | undefined {
  return versions.find((version) => version.stages.includes(stage));
}

/** The version with an id, if any. */
export function versionWithId(secret: Secret, versionId: string): SecretVersion | undefined {
  return secret.versions.find((version) => version.versionId === versionId);
}

/** The state in which a secret replaces the one with the same ARN. */
export function replaceSecret(state: State, secret: Secret): State {
  return { secrets: state.secrets.map((other) => (other.arn === secret.arn ? secret : other)) };
}
