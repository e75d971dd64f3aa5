import { invalidParameter, invalidRequest } from "../errors.ts";
import { type Input, optionalBinary, optionalString } from "../input.ts";
import type { SecretVersion } from "../state.ts";

/** A value, as in a request and in a version. */
export type SecretValue = Pick<SecretVersion, "secretString" | "secretBinary">;

/**
 * The value in a request, or undefined when it has none.
 *
 * @throws ServiceError InvalidParameterException for two values, ValidationException for a wrong length
 */
export function optionalSecretValue(input: Input): SecretValue | undefined {
  const secretString = optionalString(input, "SecretString");
  const secretBinary = optionalBinary(input, "SecretBinary");
  if (secretString !== undefined && secretBinary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (secretString !== undefined) return { secretString };
  return secretBinary === undefined ? undefined : { secretBinary };
}

/** Whether a version has exactly this value. */
export function sameValue(version: SecretVersion, value: SecretValue | undefined): boolean {
  return (
    version.secretString === value?.secretString && version.secretBinary === value?.secretBinary
  );
}

/**
 * The ClientRequestToken of a request that makes a version. The SDK generates it when the caller does not give
 * one; the service never does.
 *
 * @throws ServiceError InvalidRequestException when there is none
 */
export function requiredToken(input: Input): string {
  const token = optionalString(input, "ClientRequestToken");
  if (token === undefined) throw invalidRequest(TOKEN_MISSING);
  return token;
}

/** AWS's message for a request without a ClientRequestToken. */
export const TOKEN_MISSING =
  "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
