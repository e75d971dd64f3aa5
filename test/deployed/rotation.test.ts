import { randomUUID } from "node:crypto";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";
import { issue, status, until, untilStatus } from "./support/client.ts";
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

/**
 * A rotation of the HMAC key. MiniStack's RotateSecret calls no function: it turns rotation on and
 * makes a copy current. So the version is made and the steps are called here.
 *
 * @returns the id of the new version
 */
async function rotate(): Promise<string> {
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
  return version;
}

async function currentKey(): Promise<string> {
  const command = new GetSecretValueCommand({ SecretId: secrets.key });
  return (await client.send(command)).SecretString ?? "";
}

/** A new session token, once the session function signs with the key that is current. */
async function issueUnderCurrentKey(): Promise<string> {
  const key = await currentKey();
  let token = "";
  await until(api, true, async () => {
    token = await issue(api, MASTER_TOKEN);
    return token === sessionToken(MASTER_TOKEN, key, token.split(":")[1] ?? "");
  });
  return token;
}

test("the rotation function may not read the master token's secret", async () => {
  expect(await takeStep("createSecret", secrets.master, randomUUID())).toMatch(/not authorized/);
});

// One after the other, as a key lives.
describe("the HMAC key", { shuffle: false }, () => {
  const issued: string[] = [];

  test("is not rotated before rotation is turned on", async () => {
    expect(await takeStep("createSecret", secrets.key, randomUUID())).toContain("not turned on");
  });

  test("is rotated in the service's four steps, each safe to repeat", async () => {
    issued.push(await issue(api, MASTER_TOKEN));
    await client.send(new RotateSecretCommand({ SecretId: secrets.key }));
    const version = await rotate();
    const { VersionIdsToStages } = await client.send(
      new DescribeSecretCommand({ SecretId: secrets.key }),
    );
    expect(VersionIdsToStages?.[version]).toContain("AWSCURRENT");
    expect(await currentKey()).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(await currentKey()).not.toBe(HMAC_KEY);
  });

  test("ends no session by its rotation", async () => {
    const [before = ""] = issued;
    expect((await status(api, before)).status).toBe(200);
    const after = await issueUnderCurrentKey();
    issued.push(after);
    // At once, though the authorizer has not read the new key yet.
    expect((await status(api, after)).status).toBe(200);
    expect((await status(api, before)).status).toBe(200);
  });

  test("ends the sessions from before the first rotation with the second", async () => {
    await rotate();
    const [first = "", second = ""] = issued;
    await untilStatus(api, 403, () => status(api, first));
    expect((await status(api, second)).status).toBe(200);
    expect((await status(api, await issueUnderCurrentKey())).status).toBe(200);
  });
});
