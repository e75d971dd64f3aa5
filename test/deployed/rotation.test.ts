import { randomUUID } from "node:crypto";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";
import { issue, status } from "./support/client.ts";
import { deployed, functionName } from "./support/deployed.ts";
import { callAws, createSecretsClient } from "./support/emulator.ts";
import type { Api } from "./support/http.ts";
import { deployGateway } from "./support/stack.ts";

// A stage of its own: its key is to change.
const STAGE = "rotated";
const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const { url, directory } = deployed;
const client = createSecretsClient(url);
afterAll(() => client.destroy());

let api: Api;
const secrets = { master: "", key: "" };

beforeAll(async () => {
  const outputs = await deployGateway({
    url,
    directory,
    stage: STAGE,
    parameters: { rotationDays: 0 },
  });
  api = { url, id: outputs.HttpApiId ?? "" };
  secrets.master = outputs.MasterTokenSecretArn ?? "";
  secrets.key = outputs.HmacKeySecretArn ?? "";
  for (const [SecretId, SecretString] of [
    [secrets.master, MASTER_TOKEN],
    [secrets.key, HMAC_KEY],
  ]) {
    await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  }
});

/** Calls the rotation function as Secrets Manager does; returns its error, if it failed. */
async function takeStep(Step: string, SecretId: string, version: string): Promise<unknown> {
  const path = `/2015-03-31/functions/${functionName("rotate", STAGE)}/invocations`;
  const body = JSON.stringify({ Step, SecretId, ClientRequestToken: version });
  const response = await callAws(url, "lambda", path, { method: "POST", body });
  return JSON.parse(response || "null")?.errorMessage;
}

test("the rotation function may not read the master token's secret", async () => {
  expect(await takeStep("createSecret", secrets.master, randomUUID())).toMatch(/not authorized/);
});

// MiniStack's RotateSecret calls no function: it turns rotation on and makes a copy current. So the version is made
// and the steps are called here. The life of a key is in test/keys.
test("it rotates the HMAC key in the service's four steps, each safe to repeat, and no session ends", async () => {
  const before = await issue(api, MASTER_TOKEN);
  await client.send(new RotateSecretCommand({ SecretId: secrets.key }));
  const version = randomUUID();
  await client.send(
    new PutSecretValueCommand({
      SecretId: secrets.key,
      ClientRequestToken: version,
      VersionStages: ["AWSPENDING"],
    }),
  );
  for (const step of STEPS) {
    expect(await takeStep(step, secrets.key, version)).toBeUndefined();
    expect(await takeStep(step, secrets.key, version)).toBeUndefined();
  }
  const current = await client.send(new GetSecretValueCommand({ SecretId: secrets.key }));
  expect(current.VersionId).toBe(version);
  expect(current.SecretString).toMatch(/^[A-Za-z0-9]{64}$/);
  expect((await status(api, before)).status).toBe(200);
  // At once, though the authorizer has not read the new key yet.
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const after = sessionToken(MASTER_TOKEN, current.SecretString ?? "", exp);
  expect((await status(api, after)).status).toBe(200);
});
