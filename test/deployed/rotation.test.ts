import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { PLACES, send } from "../support/http.ts";
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";
import { deployed } from "./support/deployed.ts";
import { callAws, callJson } from "./support/emulator.ts";
import { deployGateway, SERVICE } from "./support/stack.ts";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const { url, directory } = deployed;

/** Calls the rotation function as Secrets Manager does; returns its error, if it failed. */
async function takeStep(Step: string, SecretId = "", version = randomUUID()): Promise<unknown> {
  const path = `/2015-03-31/functions/${SERVICE}-rotated-rotate/invocations`;
  const body = JSON.stringify({ Step, SecretId, ClientRequestToken: version });
  const response = await callAws(url, "lambda", path, { method: "POST", body });
  return JSON.parse(response || "null")?.errorMessage;
}

/** An operation on a secret. */
const call = (operation: string, input: object) =>
  callJson(url, "secretsmanager", `secretsmanager.${operation}`, input);

// MiniStack's RotateSecret calls no function: it turns rotation on and makes a copy current. So the version is made
// and the steps are called here. The life of a key is in test/keys.
test("the rotation function reads no other secret, and rotates the HMAC key in the service's four steps, each safe to repeat; no session ends", async () => {
  // A stage of its own: its key is to change.
  const deployment = { url, directory, stage: "rotated" };
  const { outputs, api } = await deployGateway(deployment, MASTER_TOKEN);
  const statusWith = async (hmacKey = "") => {
    const token = sessionToken(MASTER_TOKEN, hmacKey, Math.floor(Date.now() / 1000) + 3600);
    return (await send(api, ...PLACES.header("GET /api/auth/session", token))).status;
  };
  const { MasterTokenSecretArn, HmacKeySecretArn: SecretId } = outputs;
  expect(await takeStep("createSecret", MasterTokenSecretArn)).toMatch(/not authorized/);
  expect(await statusWith(HMAC_KEY)).toBe(200);

  await call("RotateSecret", { SecretId, ClientRequestToken: randomUUID() });
  const version = randomUUID();
  const pending = { ClientRequestToken: version, VersionStages: ["AWSPENDING"] };
  await call("PutSecretValue", { SecretId, ...pending });
  for (const step of STEPS) {
    expect(await takeStep(step, SecretId, version)).toBeUndefined();
    expect(await takeStep(step, SecretId, version)).toBeUndefined();
  }
  const current = await call("GetSecretValue", { SecretId });
  expect(current.VersionId).toBe(version);
  expect(current.SecretString).toMatch(/^[A-Za-z0-9]{64}$/);
  // The new key at once, though the authorizer has not read it yet.
  expect(await statusWith(HMAC_KEY)).toBe(200);
  expect(await statusWith(current.SecretString)).toBe(200);
});
