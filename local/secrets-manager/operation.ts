import { invalidParameter, notFound, serializationError, validationError } from "./errors.ts";
import { findSecret, type Secret, type State } from "./secret.ts";

/**
 * The parameters of all operations, by the service's model (botocore, secretsmanager 2017-10-17): the JSON type, and the
 * least and greatest length in bytes, number of items, or number.
 */
const MODEL = {
  SecretId: ["string", 1, 2048],
  Name: ["string", 1, 512],
  ClientRequestToken: ["string", 32, 64],
  VersionId: ["string", 32, 64],
  MoveToVersionId: ["string", 32, 64],
  RemoveFromVersionId: ["string", 32, 64],
  VersionStage: ["string", 1, 256],
  VersionStages: ["list", 1, 20],
  SecretString: ["string", 1, 65_536],
  SecretBinary: ["string", 1, 65_536],
  RotationLambdaARN: ["string", 0, 2048],
  PasswordLength: ["number", 1, 4096],
  ExcludePunctuation: ["boolean", 0, 1],
  IncludeDeprecated: ["boolean", 0, 1],
} as const;

interface Types {
  readonly string: string;
  readonly list: readonly string[];
  readonly number: number;
  readonly boolean: boolean;
}
type Name = keyof typeof MODEL;
type TypeOf<N extends Name> = Types[(typeof MODEL)[N][0]];

/** A request's parameters: those that it must have, and those that it may have. */
type Input<Required extends Name, Optional extends Name> = {
  readonly [N in Required]: TypeOf<N>;
} & { readonly [N in Optional]?: TypeOf<N> };

/** A response's JSON; members that are undefined are left out. */
export type Output = Readonly<Record<string, unknown>>;

/** Changes the state in place. `now` is in unix seconds. @throws ServiceError */
export type Operation = (state: State, json: object, now: number) => Output;

/** Checks the parameters. What nothing here implements is refused: a caller must not believe that it has an effect. */
export function operation<R extends Name, O extends Name>(
  required: readonly R[],
  optional: readonly O[],
  run: (state: State, input: Input<R, O>, now: number) => Output,
): Operation {
  const supported: readonly string[] = [...required, ...optional];
  return (state, json, now) => {
    const given = Object.entries(json).filter(([, value]) => (value ?? undefined) !== undefined);
    for (const [name, value] of given) {
      if (!supported.includes(name)) {
        throw invalidParameter(`The embedded Secrets Manager does not support ${name}.`);
      }
      checkValue(name as Name, value);
    }
    const input = Object.fromEntries(given);
    const missing = required.find((name) => input[name] === undefined);
    if (missing !== undefined) throw validationError(`Value null at '${missing}'`);
    return run(state, input as Input<R, O>, now);
  };
}

/** An operation on a secret, whose response names it. */
export function onSecret<R extends Name, O extends Name>(
  required: readonly R[],
  optional: readonly O[],
  run: (secret: Secret, input: Input<R | "SecretId", O>, now: number) => Output,
): Operation {
  return operation<R | "SecretId", O>(["SecretId", ...required], optional, (state, input, now) => {
    const secret = findSecret(state, input.SecretId);
    if (secret === undefined) throw notFound(".");
    return { ARN: secret.arn, Name: secret.name, ...run(secret, input, now) };
  });
}

/** The errors do not repeat the value, which may be the secret. */
function checkValue(name: Name, value: unknown): void {
  const [type, least, most] = MODEL[name];
  const size = sizeOf(value, type);
  if (size === undefined) throw serializationError(`${name} must be a ${type}.`);
  if (Array.isArray(value)) for (const each of value) checkValue("VersionStage", each);
  if (!Number.isInteger(size) || size < least || size > most) {
    throw validationError(`Value at '${name}' of ${size} (${least} to ${most})`);
  }
}

/** What the model limits of a value; undefined when it is of another type. */
function sizeOf(value: unknown, type: keyof Types): number | undefined {
  if (type === "string" && typeof value === "string") return Buffer.byteLength(value);
  if (type === "list" && Array.isArray(value)) return value.length;
  if (type === "number" && typeof value === "number") return value;
  if (type === "boolean" && typeof value === "boolean") return Number(value);
  return undefined;
}
