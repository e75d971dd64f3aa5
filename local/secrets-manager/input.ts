import { invalidRequest, ServiceError } from "./errors.ts";

/** A request's JSON object, as it came. */
export type Input = Readonly<Record<string, unknown>>;

/** A secret's value, as in a request and in a version: text, or base64 as on the wire. */
export type Value = { readonly SecretString: string } | { readonly SecretBinary: string };

/** Least and greatest length in bytes, from the service's model (botocore, secretsmanager 2017-10-17). */
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

/**
 * A parameter of the given JSON type; undefined when the request has none.
 *
 * @throws ServiceError SerializationException for another type
 */
export function optional(input: Input, field: string, type: "boolean"): boolean | undefined;
export function optional(input: Input, field: string, type: "number"): number | undefined;
export function optional(input: Input, field: keyof typeof LENGTHS): string | undefined;
export function optional(input: Input, field: string, type = "string"): unknown {
  const value = input[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== type) throw serializationError(`${field} must be a ${type}.`);
  if (typeof value === "string") checkLength(field, Buffer.byteLength(value));
  return value;
}

/** A text that the request must have. @throws ServiceError as `optional`, ValidationException without it */
export function required(input: Input, field: keyof typeof LENGTHS): string {
  const value = optional(input, field);
  if (value === undefined) throw validationError(`Value null at '${memberName(field)}'`);
  return value;
}

/** The version's id that the SDK generates for a request that makes a version. @throws ServiceError */
export function requiredToken(input: Input): string {
  const token = optional(input, "ClientRequestToken");
  if (token !== undefined) return token;
  throw invalidRequest(
    "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
  );
}

/** The value in a request; undefined when it has none. @throws ServiceError for two, or a wrong length */
export function optionalValue(input: Input): Value | undefined {
  const SecretString = optional(input, "SecretString");
  const SecretBinary = optional(input, "SecretBinary");
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw new ServiceError(
      "InvalidParameterException",
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (SecretString !== undefined) return { SecretString };
  return SecretBinary === undefined ? undefined : { SecretBinary };
}

/** A field of the wrong JSON type, or a body that is no JSON object. */
export function serializationError(message: string): ServiceError {
  return new ServiceError("SerializationException", message);
}

/** A parameter outside the lengths, ranges or characters of the service's model. */
export function validationError(found: string): ServiceError {
  const message = `1 validation error detected: ${found} failed to satisfy the service's model`;
  return new ServiceError("ValidationException", message);
}

/** Without the value, which may be the secret. */
function checkLength(field: string, length: number): void {
  const [least, most] = LENGTHS[field as keyof typeof LENGTHS];
  if (length >= least && length <= most) return;
  throw validationError(`Value at '${memberName(field)}' of ${length} bytes (${least} to ${most})`);
}

function memberName(field: string): string {
  return field.charAt(0).toLowerCase() + field.slice(1);
}
