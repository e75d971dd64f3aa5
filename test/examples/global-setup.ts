import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import type { TestProject } from "vitest/node";
import { callAws, createSecretsClient, startEmulator } from "../deployed/support/emulator.ts";
import { deployGateway, outputsOf, SERVICE, serverless } from "../deployed/support/stack.ts";
import { findPython, installTools } from "../deployed/support/tools.ts";
import { makeCheckout, ROOT } from "../support/checkout.ts";
import { HMAC_KEY, MASTER_TOKEN } from "../support/tokens.ts";
import { synthesizeCdk } from "./cdk.ts";
import { createStack } from "./create-stack.ts";
import type { Examples } from "./examples.ts";

const STAGE = "test";

/** Undoes what was done, in reverse order. Servers also end with this process. */
const undo: (() => void | Promise<void>)[] = [];

/** Deploys the gateway to an emulator, and each example beside it. */
export async function setup(project: TestProject): Promise<void> {
  try {
    project.provide("examples", await deployAll());
  } catch (error) {
    await teardown();
    throw error;
  }
}

export async function teardown(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

async function deployAll(): Promise<Examples> {
  const tools = await installTools(findPython());
  const temporary = mkdtempSync(join(tmpdir(), "pocketpaw-examples-"));
  undo.push(() => rmSync(temporary, { recursive: true, force: true }));
  const { url, stop } = await startEmulator(tools, temporary, true);
  undo.push(stop);

  const gatewayStack = `${SERVICE}-${STAGE}`;
  console.log("Deploying the gateway, synthesizing with CDK …");
  const [gateway, cdkTemplate] = await Promise.all([
    deployTheGateway(url),
    synthesizeCdk(join(temporary, "cdk.out"), gatewayStack),
  ]);
  console.log("Deploying the examples …");
  const [http, rest, sam, cdk] = await Promise.all([
    deployServerless(url, "own-api.yml", "own"),
    deployServerless(url, "rest-api.yml", "rest"),
    deploySam(url, gatewayStack),
    deployCdk(url, cdkTemplate),
    deployServerless(url, "shared-api.yml"),
  ]);
  return {
    url,
    stage: STAGE,
    gateway,
    serverlessHttp: http.HttpApiId ?? "",
    serverlessRest: /\/\/([a-z0-9]+)\./.exec(rest.ServiceEndpoint ?? "")?.[1] ?? "",
    samRest: sam.ApiId ?? "",
    cdkHttp: cdk.HttpApiId ?? "",
    cdkWebSocket: cdk.WebSocketApiId ?? "",
  };
}

/** @returns the id of the gateway's API */
async function deployTheGateway(url: string): Promise<string> {
  const { directory, remove } = makeCheckout();
  undo.push(remove);
  // The emulator has no AWS::SecretsManager::RotationSchedule.
  const parameters = { rotationDays: 0 };
  const outputs = await deployGateway({ url, directory, stage: STAGE, parameters });
  const client = createSecretsClient(url);
  for (const [SecretId, SecretString] of [
    [outputs.MasterTokenSecretArn, MASTER_TOKEN],
    [outputs.HmacKeySecretArn, HMAC_KEY],
  ]) {
    await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  }
  client.destroy();
  return outputs.HttpApiId ?? "";
}

/**
 * Deploys one file of examples/serverless, from a checkout of its own: builds do not share a folder.
 *
 * @param name the end of the service's name; without it, the outputs are not read
 * @returns the stack's outputs
 */
async function deployServerless(url: string, config: string, name?: string) {
  const { directory, remove } = makeCheckout();
  undo.push(remove);
  const folder = join(directory, "examples", "serverless");
  await serverless("deploy", { url, directory: folder, stage: STAGE, config });
  return name === undefined ? {} : await outputsOf(url, `dashboard-routes-${name}-${STAGE}`);
}

/**
 * Deploys the SAM template. The gateway's stack goes in as the parameter's default: the emulator's
 * transform does not see the parameters' values, as CloudFormation's does.
 */
async function deploySam(url: string, gatewayStack: string) {
  const template = readFileSync(join(ROOT, "examples", "sam", "template.yaml"), "utf8");
  const named = template.replace(`${SERVICE}-prod`, gatewayStack);
  return await createStack(url, "my-reports", named);
}

/** Deploys a template of CDK's, after what `cdk bootstrap` leaves behind and the template asks for. */
async function deployCdk(url: string, template: string) {
  const parameter = { Name: "/cdk-bootstrap/hnb659fds/version", Type: "String", Value: "30" };
  await callAws(url, "ssm", "/", {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonSSM.PutParameter",
    },
    body: JSON.stringify(parameter),
  });
  return await createStack(url, "pocketpaw-routes-cdk", template);
}
