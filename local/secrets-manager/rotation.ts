import { unfinishedRotation } from "./label-operations.ts";
import type { Secret } from "./state.ts";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

/**
 * What Secrets Manager sends a rotation function, once for each step.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export interface RotationEvent {
  readonly Step: (typeof STEPS)[number];
  /** The secret's ARN. */
  readonly SecretId: string;
  /** The id of the version to fill and to make current. */
  readonly ClientRequestToken: string;
}

/** Invokes a rotation function by the ARN that RotateSecret was given; rejects when the function fails. */
export type Invoke = (functionName: string, event: RotationEvent) => Promise<void>;

/**
 * Runs rotations in the background, as AWS does, and logs the outcome of each one.
 *
 * @param onEnd called when the four steps have run; throws when the new version is not current
 * @returns what continues a secret's unfinished rotation, unless it is running already, and never throws
 */
export function createRotations(
  invoke: Invoke,
  onEnd: (arn: string, versionId: string) => void,
): (secret: Secret) => void {
  const running = new Set<string>();

  async function run(secret: Secret, versionId: string, functionName: string): Promise<void> {
    const outcome = { event: "rotation", secret: secret.name, versionId };
    let step: RotationEvent["Step"] | undefined;
    try {
      for (const each of STEPS) {
        step = each;
        const event = { Step: step, SecretId: secret.arn, ClientRequestToken: versionId };
        await invoke(functionName, event);
      }
      onEnd(secret.arn, versionId);
      console.log(JSON.stringify({ ...outcome, outcome: "succeeded" }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ ...outcome, outcome: "failed", step, reason }));
    }
  }

  return (secret) => {
    const versionId = unfinishedRotation(secret);
    const functionName = secret.rotationLambdaArn;
    if (!versionId || !functionName || running.has(secret.arn)) return;
    running.add(secret.arn);
    run(secret, versionId, functionName).finally(() => running.delete(secret.arn));
  };
}
