import type { TestProject } from "vitest/node";
import { makeCheckout, makeFolder } from "../support/checkout.ts";
import { startEmulator } from "./support/emulator.ts";
import { startPocketPaw } from "./support/pocketpaw.ts";
import { deployGateway } from "./support/stack.ts";
import { installTools } from "./support/tools.ts";

/** Undoes what was done, in reverse order. Servers also end with this process. */
const undo: (() => void | Promise<void>)[] = [];

/** Starts the emulator and PocketPaw, and deploys the gateway with PocketPaw behind it. */
export async function setup(project: TestProject): Promise<void> {
  await installTools();
  const temporary = makeFolder();
  const { directory, remove } = makeCheckout();
  undo.push(temporary.remove, remove);
  console.log("Starting MiniStack and PocketPaw …");
  const { url, stop } = await startEmulator(temporary.directory);
  undo.push(stop);
  const pocketPaw = await startPocketPaw(temporary.directory);
  undo.push(pocketPaw.stop);
  console.log("Deploying the gateway …");
  const { port, logFile, masterToken } = pocketPaw;
  const parameters = {
    originUrl: pocketPaw.url,
    inboundWebhooks: "some-hook",
    corsOrigins: "https://dash.example.com,https://other.example.com",
    sessionTtlHours: 12,
  };
  const deployment = { url, directory, stage: "test", parameters };
  const deployed = await deployGateway(deployment, masterToken);
  const all = { ...deployment, ...deployed, pocketPaw: { port, logFile }, masterToken };
  project.provide("deployed", all);
}

export async function teardown(): Promise<void> {
  for (const step of undo.reverse()) await step();
}
