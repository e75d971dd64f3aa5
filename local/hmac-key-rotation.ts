import { setTimeout } from "node:timers/promises";
import {
  DescribeSecretCommand,
  InvalidRequestException,
  RotateSecretCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { HMAC_KEY_SECRET } from "./secrets.ts";

/** Its last part is the function's key in serverless.yml. */
const ROTATION_FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:rotate";

const POLL_MILLISECONDS = 200;

export interface Rotated {
  /** The id of the version that was current before, and of the one that is now. */
  readonly previous: string | undefined;
  readonly current: string;
}

/**
 * Rotates the HMAC key of the embedded Secrets Manager with the rotation function, and waits for the end. A
 * rotation that failed earlier is continued.
 *
 * @param limitMilliseconds how long to wait
 * @throws Error for the operator to read when the rotation does not end in that time
 */
export async function rotateHmacKey(
  client: SecretsManagerClient,
  limitMilliseconds: number,
): Promise<Rotated> {
  const before = await stages(client);
  const previous = versionWith(before, "AWSCURRENT");
  const current = await startRotation(client);
  const deadline = Date.now() + limitMilliseconds;
  while (versionWith(await stages(client), "AWSCURRENT") !== current) {
    if (Date.now() > deadline) {
      throw new Error(
        `The rotation did not end within ${limitMilliseconds / 1000} s; the key in use is the same as before. The output of npm start says why. The next npm run rotate continues it.`,
      );
    }
    await setTimeout(POLL_MILLISECONDS);
  }
  return { previous, current };
}

/** The id of the version that is to become current. */
async function startRotation(client: SecretsManagerClient): Promise<string> {
  try {
    const { VersionId } = await client.send(
      new RotateSecretCommand({ SecretId: HMAC_KEY_SECRET, RotationLambdaARN: ROTATION_FUNCTION }),
    );
    if (VersionId !== undefined) return VersionId;
  } catch (error) {
    if (!(error instanceof InvalidRequestException)) throw error;
    // "A previous rotation isn't complete. That rotation will be reattempted."
    const pending = versionWith(await stages(client), "AWSPENDING");
    if (pending !== undefined) return pending;
    throw error;
  }
  throw new Error("RotateSecret responded without a version id.");
}

async function stages(client: SecretsManagerClient): Promise<Record<string, string[]>> {
  const command = new DescribeSecretCommand({ SecretId: HMAC_KEY_SECRET });
  return (await client.send(command)).VersionIdsToStages ?? {};
}

function versionWith(versions: Record<string, string[]>, stage: string): string | undefined {
  return Object.keys(versions).find((id) => versions[id]?.includes(stage));
}
