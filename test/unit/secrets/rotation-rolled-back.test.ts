import { randomUUID } from "node:crypto";
import {
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { createRotate } from "../../../lib/functions/rotate.ts";
import { openSecretVersions } from "../../../lib/secrets/versions.ts";
import { HMAC_KEY_SECRET_ID } from "../../support/secret-store.ts";
import { beginRotation, FOREIGN_URL, openSecrets, versionLabelled } from "../../support/secrets.ts";
import { HMAC_KEY } from "../../support/tokens.ts";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];

async function runSteps(client: SecretsManagerClient, versionId: string): Promise<void> {
  const open = (id: string) => openSecretVersions(client, id);
  const handler = createRotate({ open, log: () => undefined });
  for (const Step of STEPS) {
    await handler({ Step, SecretId: HMAC_KEY_SECRET_ID, ClientRequestToken: versionId });
  }
}

/** A secret that was rotated, and whose AWSCURRENT an operator then moved back. */
async function openRolledBack() {
  const { client } = await openSecrets();
  const before = await versionLabelled(client, HMAC_KEY_SECRET_ID, "AWSCURRENT");
  const versionId = await beginRotation(client);
  await runSteps(client, versionId);
  const rotated = await versionLabelled(client, HMAC_KEY_SECRET_ID, "AWSCURRENT");
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: HMAC_KEY_SECRET_ID,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: before.versionId,
      RemoveFromVersionId: versionId,
    }),
  );
  return { client, rotated };
}

/** The version then has neither AWSCURRENT nor AWSPREVIOUS, and is pending. */
async function putCurrent(client: SecretsManagerClient, versionId: string): Promise<void> {
  const secret = { SecretId: HMAC_KEY_SECRET_ID };
  await client.send(new PutSecretValueCommand({ ...secret, SecretString: "o".repeat(64) }));
  await client.send(
    new UpdateSecretVersionStageCommand({
      ...secret,
      VersionStage: "AWSPENDING",
      MoveToVersionId: versionId,
    }),
  );
}

const current = (client: SecretsManagerClient) =>
  versionLabelled(client, HMAC_KEY_SECRET_ID, "AWSCURRENT");

test.each([
  ["right after the roll-back", async () => undefined],
  ["after the roll-back and a new value, when it is no longer AWSPREVIOUS", putCurrent],
])("a version that was rolled back is not made current again: %s", async (_when, change) => {
  const { client, rotated } = await openRolledBack();
  await change(client, rotated.versionId);
  const before = await current(client);
  await expect(runSteps(client, rotated.versionId)).rejects.toThrow(
    `version ${rotated.versionId} has been current before, and is not made current again`,
  );
  expect(await current(client)).toEqual(before);
});

test.skipIf(FOREIGN_URL)("the rotation after that makes a new key", async () => {
  const { client, rotated } = await openRolledBack();
  await runSteps(client, rotated.versionId).catch(() => undefined);
  const ClientRequestToken = randomUUID();
  const RotationLambdaARN = "function:rotate";
  await client.send(
    new RotateSecretCommand({
      SecretId: HMAC_KEY_SECRET_ID,
      ClientRequestToken,
      RotationLambdaARN,
    }),
  );
  await runSteps(client, ClientRequestToken);
  const { value, versionId } = await current(client);
  expect(versionId).toBe(ClientRequestToken);
  expect([HMAC_KEY, rotated.value]).not.toContain(value);
});
