import type { SecretsManagerRotationEvent as RotationEvent } from "aws-lambda";
import { STEPS } from "../../lib/secrets/rotation.ts";
import { AWSCURRENT, type Secret, unfinishedRotation, versionWithId } from "./secret.ts";

/** Invokes a rotation function by the ARN that RotateSecret was given; rejects when the function fails. */
export type Invoke = (functionName: string, event: RotationEvent) => Promise<unknown>;

/**
 * Runs rotations in the background, as AWS does, and logs the outcome of each one.
 *
 * @returns what continues a secret's unfinished rotation, unless it is running already, and never throws
 */
export function createRotations(find: (id: unknown) => Secret | undefined, invoke?: Invoke) {
  const running = new Set<string>();

  async function run(secret: Secret, versionId: string, functionName: string): Promise<void> {
    const outcome = { event: "rotation", secret: secret.name, versionId };
    let step: RotationEvent["Step"] | undefined;
    try {
      for (step of STEPS) {
        const event = { Step: step, SecretId: secret.arn, ClientRequestToken: versionId };
        await invoke?.(functionName, event);
      }
      const rotated = find(secret.arn);
      if (!rotated || !versionWithId(rotated, versionId)?.stages.includes(AWSCURRENT)) {
        throw new Error("the function ended well, but did not make the new version AWSCURRENT");
      }
      rotated.rotatedAt = Date.now() / 1000;
      console.log(JSON.stringify({ ...outcome, outcome: "succeeded" }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ ...outcome, outcome: "failed", step, reason }));
    }
  }

  return (secretId: unknown): void => {
    const secret = find(secretId);
    const versionId = secret && unfinishedRotation(secret);
    if (!versionId || !secret.rotationLambdaArn || running.has(secret.arn)) return;
    running.add(secret.arn);
    run(secret, versionId, secret.rotationLambdaArn).finally(() => running.delete(secret.arn));
  };
}
