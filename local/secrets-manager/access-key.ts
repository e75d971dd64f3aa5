import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ServiceError } from "./errors.ts";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
const CREDENTIAL = /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\//;

/**
 * Accepts requests signed with one access key id. The signature itself is not checked: the id is random, and as
 * secret as a secret access key would be.
 *
 * @throws ServiceError MissingAuthenticationTokenException without a signature, UnrecognizedClientException for
 *   another id; AWS's own errors
 */
export function checkAccessKeyId({ headers }: IncomingMessage, accessKeyId: string): void {
  const given = CREDENTIAL.exec(headers.authorization ?? "")?.[1];
  if (given === undefined) {
    throw new ServiceError("MissingAuthenticationTokenException", "The request is not signed.");
  }
  if (!timingSafeEqual(sha256(given), sha256(accessKeyId))) {
    throw new ServiceError(
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
    );
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
