import { randomUUID } from "node:crypto";
import {
  DescribeSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { RotationEvent } from "../../lib/secrets/rotation.ts";

type Invoke = (event: RotationEvent) => Promise<unknown>;

/** Rotates a secret once, by the rotation function; resolves when its last step is done. */
export type Rotate = (secretId: string) => Promise<void>;

/**
 * Where RotateSecret runs the function.
 *
 * @param finished how many rotations have ended well so far
 */
export function rotateByService(client: SecretsManagerClient, finished: () => number): Rotate {
  return async (secretId) => {
    const before = finished();
    await client.send(
      new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN: "function:rotate" }),
    );
    const deadline = performance.now() + 30_000;
    while (finished() === before) {
      if (performance.now() > deadline) throw new Error("the rotation did not end");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
}

/**
 * Where RotateSecret only says that rotation is on (MiniStack 1.5): asks for the four steps itself.
 */
export function rotateByHand(client: SecretsManagerClient, invoke: Invoke): Rotate {
  return async (secretId) => {
    const versionId = await beginRotationByHand(client, secretId);
    for (const Step of ["createSecret", "setSecret", "testSecret", "finishSecret"] as const) {
      await invoke({ Step, SecretId: secretId, ClientRequestToken: versionId });
    }
  };
}

/** Makes the empty AWSPENDING version that RotateSecret makes on AWS, and returns its id. */
export async function beginRotationByHand(
  client: SecretsManagerClient,
  secretId: string,
): Promise<string> {
  const { RotationEnabled } = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
  if (!RotationEnabled) {
    const RotationLambdaARN = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
    await client.send(new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN }));
  }
  const versionId = randomUUID();
  await client.send(
    new PutSecretValueCommand({
      SecretId: secretId,
      ClientRequestToken: versionId,
      VersionStages: ["AWSPENDING"],
    }),
  );
  return versionId;
}
