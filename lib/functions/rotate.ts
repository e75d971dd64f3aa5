import type { Context } from "aws-lambda";
import { describeError } from "../errors.ts";
import type { Log, LogEntry } from "../log.ts";
import { parseRotationEvent, takeStep } from "../secrets/rotation.ts";
import type { SecretVersions } from "../secrets/versions.ts";

export interface RotateDependencies {
  /** The versions of a secret, by its ARN or name. */
  readonly open: (secretId: string) => SecretVersions;
  readonly log: Log;
}

/**
 * The rotation function of the HMAC key, which Secrets Manager invokes once for each step. It throws
 * when a step fails: Secrets Manager then ends the rotation, and tries it again later.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export function createRotate({ open, log }: RotateDependencies) {
  return async (event: unknown, context?: Context): Promise<void> => {
    const requestId = context?.awsRequestId;
    let entry: Omit<LogEntry, "level"> = { event: "rotation_step", requestId };
    try {
      const { Step, SecretId, ClientRequestToken } = parseRotationEvent(event);
      entry = { ...entry, step: Step, versionId: ClientRequestToken };
      await takeStep(Step, ClientRequestToken, open(SecretId));
      log({ level: "INFO", ...entry, outcome: "done" });
    } catch (error) {
      const details = describeError(error);
      log({ level: "ERROR", ...entry, outcome: "failed", ...details });
      // Lambda logs what is thrown, and an exception of the SDK's parser quotes what it parsed.
      throw new Error(details.detail ?? details.error);
    }
  };
}
