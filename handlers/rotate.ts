import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Context } from "aws-lambda";
import { describeError } from "../lib/errors.ts";
import { callerOf } from "../lib/http/request-info.ts";
import { type Log, type LogEntry, writeLog } from "../lib/log.ts";
import { parseRotationEvent, StepRefused, takeStep } from "../lib/secrets/rotation.ts";
import { openSecretVersions, type SecretVersions } from "../lib/secrets/versions.ts";

interface Dependencies {
  /** The versions of a secret, by its ARN or name. */
  readonly open: (secretId: string) => SecretVersions;
  readonly log: Log;
}

/**
 * The rotation function of the HMAC key, which Secrets Manager runs once for each step. Throws when
 * a step fails: Secrets Manager then ends the rotation, and tries it again later.
 */
export function createHandler({ open, log }: Dependencies) {
  return async (event: unknown, context?: Context): Promise<void> => {
    let entry: Omit<LogEntry, "level"> = { event: "rotation_step", ...callerOf(event, context) };
    try {
      const { Step, SecretId, ClientRequestToken } = parseRotationEvent(event);
      entry = { ...entry, step: Step, versionId: ClientRequestToken };
      await takeStep(Step, ClientRequestToken, open(SecretId));
      log({ level: "INFO", ...entry, outcome: "done" });
    } catch (error) {
      const told =
        error instanceof StepRefused
          ? { error: error.name, detail: error.message }
          : describeError(error);
      log({ level: "ERROR", ...entry, outcome: "failed", ...told });
      // Lambda logs what is thrown, and an exception of the SDK's parser quotes what it parsed.
      throw new Error(told.detail ?? told.error);
    }
  };
}

const client = new SecretsManagerClient({});
export const handler = createHandler({
  open: (secretId) => openSecretVersions(client, secretId),
  log: writeLog,
});
