import { invalidParameter, invalidRequest } from "../errors.ts";
import { type Input, optionalBinary, optionalString } from "../input.ts";
import type { SecretVersion } from "../state.ts";

/** A value as a request brings it and as a version keeps it. */
export type SecretValue = Pick<SecretVersion, "secretString" | "secretBinary">;

/**
 * The value in a request, or undefined when it has none.
 *
 * @throws ServiceError InvalidParameterException when it has two, ValidationException for its length
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

/** Whether a version holds just this value. */
export function sameValue(version: SecretVersion, value: SecretValue | undefined): boolean {
  return (
    version.secretString === value?.secretString && version.secretBinary === value?.secretBinary
  );
}

/**
 * The ClientRequestToken of a request that makes a version. The SDK fills it in when the caller
 * does not; the service never does.
 *
 * @throws ServiceError InvalidRequestException when there is none
 */
export function requiredToken(input: Input): string {
  const token = optionalString(input, "ClientRequestToken");
  if (token === undefined) throw invalidRequest(TOKEN_MISSING);
  return token;
}

/** AWS's words for a request without a ClientRequestToken. */
export const TOKEN_MISSING =
  "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
