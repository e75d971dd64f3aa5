import { randomUUID } from "node:crypto";
import {
  DescribeSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { SecretsManagerRotationEvent } from "aws-lambda";

/** Rotates a secret once, by the rotation function; resolves when its last step is done. */
export type Rotate = (secretId: string) => Promise<void>;

const RotationLambdaARN = "arn:aws:lambda:us-east-1:000000000000:function:rotate";

/**
 * Where RotateSecret runs the function.
 *
 * @param finished how many rotations have ended well so far
 */
export function rotateByService(client: SecretsManagerClient, finished: () => number): Rotate {
  return async (SecretId) => {
    const before = finished();
    await client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN }));
    const deadline = performance.now() + 30_000;
    while (finished() === before) {
      if (performance.now() > deadline) throw new Error("the rotation did not end");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
}

/** Where RotateSecret only says that rotation is on (MiniStack 1.5): asks for the four steps itself. */
export function rotateByHand(
  client: SecretsManagerClient,
  invoke: (event: SecretsManagerRotationEvent) => Promise<unknown>,
): Rotate {
  return async (SecretId) => {
    const ClientRequestToken = await beginRotationByHand(client, SecretId);
    for (const Step of ["createSecret", "setSecret", "testSecret", "finishSecret"] as const) {
      await invoke({ Step, SecretId, ClientRequestToken });
    }
  };
}

/** Makes the empty AWSPENDING version that RotateSecret makes on AWS, and returns its id. */
export async function beginRotationByHand(
  client: SecretsManagerClient,
  SecretId: string,
): Promise<string> {
  const { RotationEnabled } = await client.send(new DescribeSecretCommand({ SecretId }));
  if (!RotationEnabled) await client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN }));
  const ClientRequestToken = randomUUID();
  const VersionStages = ["AWSPENDING"];
  await client.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, VersionStages }));
  return ClientRequestToken;
}
