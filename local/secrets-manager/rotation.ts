import { unfinishedRotation } from "./operations/rotate-secret.ts";
import { findSecret } from "./secret-id.ts";
import { AWSCURRENT } from "./staging-labels.ts";
import { replaceSecret, type Secret, type Store, versionWithId } from "./state.ts";

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

export interface Rotations {
  /** Continues a secret's unfinished rotation, unless it is running already. Never throws. */
  resume: (secretId: string) => void;
}

/** Runs rotations in the background, as AWS does, and logs the outcome of each one. */
export function createRotations(store: Store, invoke: Invoke, now: () => number): Rotations {
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
      store.update((state) => {
        const rotated = findSecret(state, secret.arn);
        if (!versionWithId(rotated, versionId)?.stages.includes(AWSCURRENT)) {
          throw new Error("the function ended well, but did not make the new version AWSCURRENT");
        }
        return { state: replaceSecret(state, { ...rotated, rotatedAt: now() }) };
      });
      console.log(JSON.stringify({ ...outcome, outcome: "succeeded" }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ ...outcome, outcome: "failed", step, reason }));
    }
  }

  function resume(secretId: string): void {
    const secret = findSecret(store.state(), secretId);
    const versionId = unfinishedRotation(secret);
    const functionName = secret.rotationLambdaArn;
    if (!versionId || !functionName || running.has(secret.arn)) return;
    running.add(secret.arn);
    run(secret, versionId, functionName).finally(() => running.delete(secret.arn));
  }

  return { resume };
}
