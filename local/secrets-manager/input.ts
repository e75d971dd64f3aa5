import { invalidParameter, serializationError, validationError } from "./errors.ts";

/** A request's JSON object, as it came. */
export type Input = Readonly<Record<string, unknown>>;

/** Least and greatest length, from the service's model (botocore, secretsmanager 2017-10-17). */
const LENGTHS = {
  SecretId: [1, 2048],
  Name: [1, 512],
  ClientRequestToken: [32, 64],
  VersionId: [32, 64],
  MoveToVersionId: [32, 64],
  RemoveFromVersionId: [32, 64],
  VersionStage: [1, 256],
  SecretString: [1, 65_536],
  SecretBinary: [1, 65_536],
  RotationLambdaARN: [0, 2048],
} as const;

const VERSION_STAGES = { least: 1, most: 20 };

type StringField = keyof typeof LENGTHS;

/**
 * A string, or undefined when the request has none.
 *
 * @throws ServiceError SerializationException for another JSON type, ValidationException for a
 *   length outside the service's model
 */
export function optionalString(input: Input, field: StringField): string | undefined {
  const value = input[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw serializationError(`${field} must be a string.`);
  checkLength(field, Buffer.byteLength(value), value);
  return value;
}

/**
 * A string that the request must have.
 *
 * @throws ServiceError as `optionalString`, and ValidationException when there is none
 */
export function requiredString(input: Input, field: StringField): string {
  const value = optionalString(input, field);
  if (value === undefined) {
    throw constraint(`Value null at '${memberName(field)}'`, "Member must not be null");
  }
  return value;
}

/**
 * Binary data, which JSON carries in base64; kept so.
 *
 * @throws ServiceError SerializationException when it is no base64, ValidationException when the
 *   data is empty or over 65536 bytes
 */
export function optionalBinary(input: Input, field: "SecretBinary"): string | undefined {
  const value = input[field] ?? undefined;
  if (value === undefined) return undefined;
  const bytes = Buffer.from(typeof value === "string" ? value : "", "base64");
  if (bytes.toString("base64") !== value) throw serializationError(`${field} must be base64.`);
  checkLength(field, bytes.length, "");
  return value;
}

/** The labels of PutSecretValue. @throws ServiceError as `optionalString` */
export function optionalStages(input: Input): readonly string[] | undefined {
  const value = input.VersionStages ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw serializationError("VersionStages must be a list.");
  if (value.length < VERSION_STAGES.least || value.length > VERSION_STAGES.most) {
    const range = `between ${VERSION_STAGES.least} and ${VERSION_STAGES.most}, inclusive`;
    throw constraint("Value at 'versionStages'", `Member must have length ${range}`);
  }
  return value.map((stage: unknown) => requiredString({ VersionStage: stage }, "VersionStage"));
}

/** A boolean, or undefined when the request has none. @throws ServiceError SerializationException */
export function optionalBoolean(input: Input, field: string): boolean | undefined {
  const value = input[field] ?? undefined;
  if (value !== undefined && typeof value !== "boolean") {
    throw serializationError(`${field} must be true or false.`);
  }
  return value;
}

/**
 * A whole number from 1 to `most`, or undefined when the request has none.
 *
 * @throws ServiceError SerializationException, ValidationException
 */
export function optionalInteger(input: Input, field: string, most: number): number | undefined {
  const value = input[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw serializationError(`${field} must be a whole number.`);
  }
  const found = `Value '${value}' at '${memberName(field)}'`;
  if (value < 1) throw constraint(found, "Member must have value greater than or equal to 1");
  if (value > most) throw constraint(found, `Member must have value less than or equal to ${most}`);
  return value;
}

/**
 * Refuses parameters of the real service that nothing here implements: a caller must not believe that they have
 * an effect.
 *
 * @throws ServiceError InvalidParameterException that names the parameter
 */
export function refuseOthers(input: Input, supported: readonly string[]): void {
  const given = Object.keys(input).filter((name) => (input[name] ?? undefined) !== undefined);
  const other = given.find((name) => !supported.includes(name));
  if (other) throw invalidParameter(`The embedded Secrets Manager does not support ${other}.`);
}

function checkLength(field: StringField, length: number, value: string): void {
  const [least, most] = LENGTHS[field];
  const isSensitive = field === "SecretString" || field === "SecretBinary";
  const found = `Value ${isSensitive ? "" : `'${value}' `}at '${memberName(field)}'`;
  const mustHave = "Member must have length";
  if (length < least) throw constraint(found, `${mustHave} greater than or equal to ${least}`);
  if (length > most) throw constraint(found, `${mustHave} less than or equal to ${most}`);
}

function constraint(found: string, rule: string) {
  return validationError(
    `1 validation error detected: ${found} failed to satisfy constraint: ${rule}`,
  );
}

function memberName(field: string): string {
  return field.charAt(0).toLowerCase() + field.slice(1);
}
