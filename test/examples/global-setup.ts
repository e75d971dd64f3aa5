import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { callJson, startEmulator } from "../deployed/support/emulator.ts";
import { apiOf, deployGateway, outputsOf, SERVICE, serverless } from "../deployed/support/stack.ts";
import { installTools } from "../deployed/support/tools.ts";
import { makeCheckout, makeFolder, ROOT } from "../support/checkout.ts";
import { MASTER_TOKEN } from "../support/tokens.ts";
import { synthesizeCdk } from "./cdk.ts";
import { createStack } from "./create-stack.ts";

const STAGE = "test";

/** Undoes what was done, in reverse order. Servers also end with this process. */
const undo: (() => void | Promise<void>)[] = [];

/** Deploys the gateway to an emulator, and each example beside it. */
export async function setup(project: TestProject): Promise<void> {
  await installTools();
  const temporary = makeFolder();
  const { directory, remove } = makeCheckout();
  undo.push(temporary.remove, remove);
  const { url, stop } = await startEmulator(temporary.directory);
  undo.push(stop);

  const gatewayStack = `${SERVICE}-${STAGE}`;
  console.log("Deploying the gateway, synthesizing with CDK …");
  const [{ api }, cdkTemplate] = await Promise.all([
    deployGateway({ url, directory, stage: STAGE }, MASTER_TOKEN),
    synthesizeCdk(join(temporary.directory, "cdk.out"), gatewayStack),
  ]);
  console.log("Deploying the examples …");
  const [http, rest, sam, cdk] = await Promise.all([
    deployServerless(url, "own-api.yml", "own"),
    deployServerless(url, "rest-api.yml", "rest"),
    deploySam(url, gatewayStack),
    deployCdk(url, cdkTemplate),
    deployServerless(url, "shared-api.yml"),
  ]);
  const apiWith = (id = "") => apiOf(url, id);
  project.provide("examples", {
    url,
    stage: STAGE,
    gateway: api,
    serverlessHttp: apiWith(http.HttpApiId),
    serverlessRest: apiWith(/\/\/([a-z0-9]+)\./.exec(rest.ServiceEndpoint ?? "")?.[1]),
    samRest: apiWith(sam.ApiId),
    cdkHttp: apiWith(cdk.HttpApiId),
    cdkWebSocket: apiWith(cdk.WebSocketApiId),
  });
}

export async function teardown(): Promise<void> {
  for (const step of undo.reverse()) await step();
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
  await callJson(url, "ssm", "AmazonSSM.PutParameter", parameter);
  return await createStack(url, "pocketpaw-routes-cdk", template);
}
