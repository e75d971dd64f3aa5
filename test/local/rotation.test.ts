import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import type { SecretsManagerRotationEvent as RotationEvent } from "aws-lambda";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { rotateHmacKey } from "../../local/rotate.ts";
import { HMAC_KEY_SECRET } from "../../local/secrets.ts";
import { accessKeyIdFile, urlFile } from "../../local/state.ts";
import { ROOT } from "../support/checkout.ts";
import { eventually } from "../support/eventually.ts";
import { ACCESS_KEY_ID, serverWithOneSecret, temporaryDirectory } from "./support.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const LIMIT_MILLISECONDS = 10_000;

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => void vi.restoreAllMocks());

const linesOf = (log: typeof console.log) => vi.mocked(log).mock.calls.map(([line]) => line);

/** The least that a rotation function must do, through the SDK and the same server. */
async function rotate(client: SecretsManagerClient, event: RotationEvent): Promise<void> {
  const { SecretId, ClientRequestToken, Step } = event;
  if (Step === "createSecret") {
    const fields = { SecretId, ClientRequestToken, VersionStages: ["AWSPENDING"] };
    await client.send(new PutSecretValueCommand({ ...fields, SecretString: "k".repeat(48) }));
  }
  if (Step !== "finishSecret") return;
  const { VersionId } = await client.send(new GetSecretValueCommand({ SecretId }));
  const moved = { MoveToVersionId: ClientRequestToken, RemoveFromVersionId: VersionId };
  const fields = { SecretId, VersionStage: "AWSCURRENT", ...moved };
  await client.send(new UpdateSecretVersionStageCommand(fields));
}

/** A server with the HMAC key, and a rotation function that may be replaced. */
async function serverThatRotates(run = rotate) {
  const events: [string, RotationEvent][] = [];
  const controls = { run };
  const server = await serverWithOneSecret(
    {
      invoke: async (functionName, event) => {
        events.push([functionName, event]);
        await controls.run(server.client, event);
      },
    },
    HMAC_KEY_SECRET,
  );
  const { client } = server;
  const SecretId = HMAC_KEY_SECRET;
  const describe = () => client.send(new DescribeSecretCommand({ SecretId }));
  const stages = async () => (await describe()).VersionIdsToStages ?? {};
  const start = (input: object = {}) =>
    client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: LAMBDA, ...input }));
  return { ...server, controls, events, describe, stages, start };
}

test("a rotation runs the function's four steps in order and makes the new version current", async () => {
  const { client, arn, events, first, stages, describe } = await serverThatRotates();
  const { previous, current = "" } = await rotateHmacKey(client, LIMIT_MILLISECONDS);
  expect(previous).toBe(first);
  await eventually(async () => (await describe()).LastRotatedDate !== undefined);
  expect(events).toEqual(
    STEPS.map((Step) => [LAMBDA, { Step, SecretId: arn, ClientRequestToken: current }]),
  );
  expect(await stages()).toEqual({
    [first]: ["AWSPREVIOUS"],
    [current]: ["AWSCURRENT", "AWSPENDING"],
  });
});

test("RotateSecret responds before the function has run, with a pending version that has no value", async () => {
  const { client, stages, start } = await serverThatRotates(() => new Promise(() => undefined));
  const { VersionId = "" } = await start();
  expect((await stages())[VersionId]).toEqual(["AWSPENDING"]);
  const read = client.send(new GetSecretValueCommand({ SecretId: HMAC_KEY_SECRET, VersionId }));
  await expect(read).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test("RotateSecret remembers the function for the next time, and refuses a secret that has none", async () => {
  const { describe, events, start } = await serverThatRotates();
  expect(await describe()).not.toHaveProperty("RotationEnabled");
  const none = start({ RotationLambdaARN: undefined });
  await expect(none).rejects.toThrow("No Lambda rotation function ARN is associated");
  for (const input of [{}, { RotationLambdaARN: undefined }]) {
    const ended = linesOf(console.log).length + 1;
    await start(input);
    await eventually(() => linesOf(console.log).length === ended);
  }
  expect(events).toHaveLength(8);
  expect(await describe()).toMatchObject({ RotationEnabled: true, RotationLambdaARN: LAMBDA });
});

test("RotateSecret once more with the same token is the same rotation", async () => {
  const { describe, events, start } = await serverThatRotates();
  const ClientRequestToken = randomUUID();
  await Promise.all([start({ ClientRequestToken }), start({ ClientRequestToken })]);
  await eventually(async () => (await describe()).LastRotatedDate !== undefined);
  expect((await start({ ClientRequestToken })).VersionId).toBe(ClientRequestToken);
  expect(events).toHaveLength(4);
});

test.each(STEPS)(
  "a rotation that fails at %s stops there, says so, leaves AWSCURRENT, and is continued by the next one",
  async (failing) => {
    const failAt = async (own: SecretsManagerClient, event: RotationEvent) => {
      if (event.Step === failing) throw new Error("no luck");
      await rotate(own, event);
    };
    const { client, controls, events, first, stages } = await serverThatRotates(failAt);
    const ended = rotateHmacKey(client, 0);
    await expect(ended).rejects.toThrow(/did not end .* output of npm start/);
    await eventually(() => linesOf(console.error).length > 0);
    expect(events.at(-1)?.[1].Step).toBe(failing);
    const pending = events[0]?.[1].ClientRequestToken ?? "";
    const [line = "", ...others] = linesOf(console.error);
    expect(others).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({ outcome: "failed", step: failing, reason: "no luck" });
    expect(await stages()).toEqual({ [first]: ["AWSCURRENT"], [pending]: ["AWSPENDING"] });

    controls.run = rotate;
    const next = await rotateHmacKey(client, LIMIT_MILLISECONDS);
    expect(next).toEqual({ current: pending, previous: first });
  },
);

test("a function that ends well without making the version current has failed", async () => {
  const { describe, start } = await serverThatRotates(async () => undefined);
  await start();
  await eventually(() => linesOf(console.error).length > 0);
  expect(linesOf(console.error)[0]).toContain("did not make the new version AWSCURRENT");
  expect(await describe()).not.toHaveProperty("LastRotatedDate");
});

test("npm run rotate prints both versions, and says in one line that npm start is not running", async () => {
  const directory = await temporaryDirectory();
  async function run() {
    const child = spawn(process.execPath, ["--import", "tsx", "local/rotate.ts"], {
      cwd: ROOT,
      env: { ...process.env, POCKETPAW_LOCAL_DIR: directory },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = once(child, "close");
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return [(await ended)[0], stdout, stderr];
  }

  const never = `npm start is not running: there is no ${urlFile(directory)}.\n`;
  expect(await run()).toEqual([1, "", never]);
  const { first, stages, url, close } = await serverThatRotates();
  await writeFile(urlFile(directory), `${url}\n`);
  await writeFile(accessKeyIdFile(directory), `${ACCESS_KEY_ID}\n`);
  const [code, stdout, stderr] = await run();
  expect([code, stderr]).toEqual([0, ""]);
  const [current] = Object.keys(await stages()).filter((id) => id !== first);
  expect(stdout).toContain(`${current} is AWSCURRENT`);
  expect(stdout).toContain(`${first} is AWSPREVIOUS`);
  await close();
  expect(await run()).toEqual([1, "", `npm start is not running: nothing listens on ${url}.\n`]);
});
