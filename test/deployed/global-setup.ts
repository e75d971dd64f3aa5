import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import type { TestProject } from "vitest/node";
import { makeCheckout } from "../support/checkout.ts";
import { HMAC_KEY } from "../support/tokens.ts";
import type { Deployed } from "./support/deployed.ts";
import { createSecretsClient, startEmulator } from "./support/emulator.ts";
import { startPocketPaw } from "./support/pocketpaw.ts";
import { deployGateway, serverless } from "./support/stack.ts";
import { findPython, installTools } from "./support/tools.ts";

const STAGE = "test";

/** How to stop the servers that were started, in order. They also end with this process. */
const servers: (() => Promise<void>)[] = [];
/** How to remove the folders that were made, however this process ends short of a kill. */
const folders: (() => void)[] = [];
process.once("exit", removeFolders).once("SIGTERM", () => process.exit(143));

/**
 * Makes what the tests are about: the emulator, PocketPaw, the gateway's stack with PocketPaw behind
 * it, and another stack with routes on its API (examples/serverless/shared-api.yml).
 */
export async function setup(project: TestProject): Promise<void> {
  let python: string;
  try {
    python = findPython();
  } catch (error) {
    // One line, where vitest would print a page.
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
  try {
    project.provide("deployed", await deployAll(python));
  } catch (error) {
    await teardown();
    throw error;
  }
}

/** Ends all that was started, also when the set-up has failed halfway. */
export async function teardown(): Promise<void> {
  for (const stop of servers.splice(0).reverse()) await stop();
  removeFolders();
}

function removeFolders(): void {
  for (const remove of folders.splice(0)) remove();
}

async function deployAll(python: string): Promise<Deployed> {
  const tools = await installTools(python);
  const temporary = mkdtempSync(join(tmpdir(), "pocketpaw-deployed-"));
  folders.push(() => rmSync(temporary, { recursive: true, force: true }));

  console.log("Starting MiniStack and PocketPaw …");
  const emulator = await startEmulator(tools, temporary, true);
  servers.push(emulator.stop);
  const pocketPaw = await startPocketPaw(tools.python, temporary);
  servers.push(pocketPaw.stop);
  const { url } = emulator;

  console.log("Deploying the gateway …");
  const { directory, remove } = makeCheckout();
  folders.push(remove);
  const parameters = {
    originUrl: pocketPaw.url,
    inboundWebhooks: "some-hook",
    corsOrigins: "https://dash.example.com,https://other.example.com",
    sessionTtlHours: 12,
    // The emulator has no AWS::SecretsManager::RotationSchedule.
    rotationDays: 0,
  };
  const outputs = await deployGateway({ url, directory, stage: STAGE, parameters });
  await putSecrets(url, {
    // As the README instructs an operator.
    [outputs.MasterTokenSecretArn ?? ""]: pocketPaw.masterToken,
    // MiniStack generates punctuation where the template excludes it, and a value that starts like
    // JSON cannot be used.
    [outputs.HmacKeySecretArn ?? ""]: HMAC_KEY,
  });

  console.log("Deploying another stack's routes on the gateway's API …");
  const config = "shared-api.yml";
  const example = join(directory, "examples", "serverless");
  await serverless("deploy", { url, directory: example, stage: STAGE, config });

  return {
    url,
    directory,
    stage: STAGE,
    parameters,
    outputs,
    pocketPaw: { url: pocketPaw.url, logFile: pocketPaw.logFile },
    masterToken: pocketPaw.masterToken,
    hmacKey: HMAC_KEY,
    python: tools.python,
  };
}

/** Stores values before any function has read the secrets. */
async function putSecrets(url: string, values: Record<string, string>): Promise<void> {
  const client = createSecretsClient(url);
  for (const [SecretId, SecretString] of Object.entries(values)) {
    await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  }
  client.destroy();
}
