import { readFileSync } from "node:fs";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { strFromU8, unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { deployed, functionName } from "./support/deployed.ts";
import { callAws, createSecretsClient, queryAws } from "./support/emulator.ts";
import { SERVICE } from "./support/stack.ts";
import { filesOf, resourcesOf, templateOf } from "./support/templates.ts";
import { VARIANTS } from "./support/variants.ts";

const FUNCTIONS = [
  ...["session", "session-status", "authorizer", "login", "logout"],
  ...["qr", "regenerate", "healthz", "rotate"],
];

/** All that is in the zip of a deployed function. */
async function deployedCode(key: string): Promise<string> {
  const path = `/2015-03-31/functions/${functionName(key)}`;
  const { Code } = JSON.parse(await callAws(deployed.url, "lambda", path));
  const zip = await (await fetch(Code.Location)).arrayBuffer();
  return Object.values(unzipSync(new Uint8Array(zip)))
    .map((file) => strFromU8(file))
    .join();
}

describe("the secrets", () => {
  test("are made with 48 characters or more, and stay when the stack goes", () => {
    const secrets = resourcesOf("with the defaults", "AWS::SecretsManager::Secret");
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) {
      expect(secret).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
      const { PasswordLength } = secret.Properties.GenerateSecretString as Record<string, number>;
      expect(PasswordLength).toBeGreaterThanOrEqual(48);
    }
  });

  test("are the operator's where he names them", () => {
    const { Resources } = templateOf("with all parameters");
    expect(Resources).not.toHaveProperty("MasterToken");
    expect(Resources).not.toHaveProperty("HmacKey");
    const { Outputs } = templateOf("with all parameters");
    const { masterTokenSecretArn, hmacKeySecretArn } = VARIANTS["with all parameters"];
    expect(Outputs.MasterTokenSecretArn?.Value).toBe(masterTokenSecretArn);
    expect(Outputs.HmacKeySecretArn?.Value).toBe(hmacKeySecretArn);
  });

  test("appear in no template, environment variable, output or code", async () => {
    const client = createSecretsClient(deployed.url);
    const values = [deployed.masterToken, deployed.hmacKey];
    for (const name of ["MasterTokenSecretArn", "HmacKeySecretArn"]) {
      for (const VersionStage of ["AWSCURRENT", "AWSPREVIOUS"]) {
        const SecretId = deployed.outputs[name];
        const { SecretString } = await client.send(
          new GetSecretValueCommand({ SecretId, VersionStage }),
        );
        values.push(SecretString ?? "");
      }
    }
    for (const name of ["ApiUpstreamSecretArn", "DirectUpstreamSecretArn"]) {
      const SecretId = deployed.outputs[name];
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
      values.push(SecretString ?? "");
    }
    client.destroy();
    const stack = { StackName: `${SERVICE}-${deployed.stage}` };
    const { url } = deployed;
    const shown = [
      await queryAws(url, "cloudformation", { Action: "GetTemplate", ...stack }),
      await queryAws(url, "cloudformation", { Action: "DescribeStacks", ...stack }),
      await callAws(url, "lambda", "/2015-03-31/functions"),
      ...(await Promise.all(FUNCTIONS.map(deployedCode))),
      ...Object.keys(VARIANTS)
        .flatMap((variant) => filesOf(variant))
        .map((file) => readFileSync(file, "utf8")),
    ].join();
    expect(shown).toContain("MASTER_TOKEN_SECRET_ID");
    expect(shown).toContain("Invalid master token");
    expect(shown).toContain("function handler(event)");
    expect(new Set(values).size).toBe(6);
    expect(values).not.toContain("");
    for (const value of values) expect(shown).not.toContain(value);
  });
});

describe("the rotation of the HMAC key", () => {
  test("is scheduled for as often as asked and not at a deployment, by a function that Secrets Manager may call", () => {
    const schedules = Object.keys(VARIANTS).map((variant) =>
      resourcesOf(variant, "AWS::SecretsManager::RotationSchedule").map(({ Properties }) => [
        Properties.RotationRules,
        Properties.RotateImmediatelyOnUpdate,
      ]),
    );
    const every = (AutomaticallyAfterDays: number) => [[{ AutomaticallyAfterDays }, false]];
    expect(schedules).toEqual([every(30), every(30), every(30), every(30), every(31), []]);
    expect(templateOf("with the defaults").Resources.RotatePermission?.Properties).toMatchObject({
      Principal: "secretsmanager.amazonaws.com",
      SourceAccount: { Ref: "AWS::AccountId" },
    });
  });
});
