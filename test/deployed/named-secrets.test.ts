import { randomUUID } from "node:crypto";
import { CreateSecretCommand, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HMAC_KEY, sessionToken } from "../support/tokens.ts";
import { exchange, status, untilStatus } from "./support/client.ts";
import { deployed, functionName } from "./support/deployed.ts";
import { createSecretsClient, elements, logOf, queryAws } from "./support/emulator.ts";
import { type Api, PLACES, send } from "./support/http.ts";
import { deployGateway, SERVICE } from "./support/stack.ts";

const STAGE = "named";
const { url, directory } = deployed;
const { header } = PLACES;
const client = createSecretsClient(url);
afterAll(() => client.destroy());

let api: Api;
const masterToken: string = randomUUID();
const secrets = { master: "", key: "" };

async function createSecret(Name: string, SecretString: string): Promise<string> {
  const { ARN = "" } = await client.send(new CreateSecretCommand({ Name, SecretString }));
  return ARN;
}

/** The names of the roles of the functions that read secrets. */
async function readersRoles(): Promise<string[]> {
  const names = ["SessionRole", "AuthorizerRole"].map(async (LogicalResourceId) => {
    const resource = await queryAws(url, "cloudformation", {
      Action: "DescribeStackResource",
      StackName: `${SERVICE}-${STAGE}`,
      LogicalResourceId,
    });
    return elements(resource, "PhysicalResourceId").join();
  });
  return Promise.all(names);
}

/** Removes the only policy of each role; the returned function restores it. */
async function takeAwayPolicies(): Promise<() => Promise<void>> {
  const policies: Record<string, string>[] = [];
  for (const RoleName of await readersRoles()) {
    const policy = { RoleName, PolicyName: "own" };
    const found = await queryAws(url, "iam", { Action: "GetRolePolicy", ...policy });
    const PolicyDocument = decodeURIComponent(elements(found, "PolicyDocument").join());
    policies.push({ ...policy, PolicyDocument });
    await queryAws(url, "iam", { Action: "DeleteRolePolicy", ...policy });
  }
  return async () => {
    for (const policy of policies)
      await queryAws(url, "iam", { Action: "PutRolePolicy", ...policy });
  };
}

beforeAll(async () => {
  secrets.master = await createSecret("operator/master", JSON.stringify({ token: masterToken }));
  secrets.key = await createSecret("operator/key", JSON.stringify({ key: HMAC_KEY }));
  const outputs = await deployGateway({
    url,
    directory,
    stage: STAGE,
    parameters: {
      masterTokenSecretArn: secrets.master,
      hmacKeySecretArn: secrets.key,
      rotationDays: 0,
    },
  });
  api = { url, id: outputs.HttpApiId ?? "" };
});

// Each test removes one more obstacle.
describe("secrets that the operator names", { shuffle: false }, () => {
  test("that the role may not read: 503 from the exchange, 500 from the authorizer", async () => {
    const giveBack = await takeAwayPolicies();
    try {
      const reply = await exchange(api, masterToken);
      expect(reply.status).toBe(503);
      expect((await status(api, masterToken)).status).toBe(500);
    } finally {
      await giveBack();
    }
    for (const key of ["session", "authorizer"]) {
      expect(await logOf(url, functionName(key, STAGE))).toContainEqual(
        expect.objectContaining({ event: "secret_read", error: "AccessDeniedException" }),
      );
    }
  });

  test("that it may read work, without a new deployment, and are regenerated in place: other sessions end, the caller's goes on, and the form stays", async () => {
    await untilStatus(api, 200, () => exchange(api, masterToken));
    const session = sessionToken(masterToken, HMAC_KEY, Math.floor(Date.now() / 1000) + 3600);
    await untilStatus(api, 200, () => status(api, session));
    const reply = await send(api, ...header("POST /api/token/regenerate", session));
    expect(reply.status).toBe(200);
    const { token } = reply.json() as { token: string };
    expect(token).toMatch(/^session:/);
    const { SecretString = "" } = await client.send(
      new GetSecretValueCommand({ SecretId: secrets.master }),
    );
    const { token: regenerated, ...others } = JSON.parse(SecretString);
    expect(others).toEqual({});
    expect(regenerated).not.toBe(masterToken);

    await untilStatus(api, 200, () => exchange(api, regenerated));
    await untilStatus(api, 200, () => status(api, token));
    expect((await status(api, session)).status).toBe(403);
    expect((await exchange(api, masterToken)).status).toBe(401);
  });
});
