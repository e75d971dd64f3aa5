import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import type { SecretsManagerRotationEvent as RotationEvent } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { rotateHmacKey } from "../../local/rotate.ts";
import { HMAC_KEY_SECRET } from "../../local/secrets.ts";
import { accessKeyIdFile, urlFile } from "../../local/state.ts";
import { eventually } from "../support/eventually.ts";
import { ACCESS_KEY_ID, startServer, temporaryDirectory } from "./support.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const LIMIT_MILLISECONDS = 10_000;

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => void vi.restoreAllMocks());

const errorsLogged = () =>
  vi.mocked(console.error).mock.calls.map(([line]) => JSON.parse(line) as Record<string, unknown>);

/** The least that a rotation function must do, through the SDK and the same server. */
async function rotate(client: SecretsManagerClient, event: RotationEvent): Promise<void> {
  const { SecretId, ClientRequestToken, Step } = event;
  if (Step === "createSecret") {
    const SecretString = "k".repeat(48);
    const VersionStages = ["AWSPENDING"];
    await client.send(
      new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages }),
    );
  }
  if (Step !== "finishSecret") return;
  const { VersionId } = await client.send(new GetSecretValueCommand({ SecretId }));
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: ClientRequestToken,
      RemoveFromVersionId: VersionId,
    }),
  );
}

/** A server with the HMAC key, and a rotation function that may be replaced. */
async function serverThatRotates(run = rotate) {
  const events: [string, RotationEvent][] = [];
  const controls = { run };
  const server = await startServer({
    invoke: async (functionName, event) => {
      events.push([functionName, event]);
      await controls.run(server.client, event);
    },
  });
  const { client } = server;
  const SecretId = HMAC_KEY_SECRET;
  const created = await client.send(
    new CreateSecretCommand({ Name: SecretId, SecretString: "j".repeat(48) }),
  );
  const describe = () => client.send(new DescribeSecretCommand({ SecretId }));
  const stages = async () => (await describe()).VersionIdsToStages ?? {};
  const start = (input: object = {}) =>
    client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: LAMBDA, ...input }));
  return { ...server, controls, events, describe, stages, start, first: created.VersionId ?? "" };
}

test("a rotation runs the function's four steps in order and makes the new version current", async () => {
  const { client, events, first, stages, describe } = await serverThatRotates();
  const { previous, current = "" } = await rotateHmacKey(client, LIMIT_MILLISECONDS);
  expect(previous).toBe(first);
  await eventually(async () => (await describe()).LastRotatedDate !== undefined);
  const { ARN } = await describe();
  expect(events).toEqual(
    STEPS.map((Step) => [LAMBDA, { Step, SecretId: ARN, ClientRequestToken: current }]),
  );
  expect(await stages()).toEqual({
    [first]: ["AWSPREVIOUS"],
    [current]: ["AWSCURRENT", "AWSPENDING"],
  });
});

test("RotateSecret responds before the function has run, with a pending version that has no value", async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { client, stages, start } = await serverThatRotates(() => released);
  const { VersionId = "" } = await start();
  expect((await stages())[VersionId]).toEqual(["AWSPENDING"]);
  const read = client.send(new GetSecretValueCommand({ SecretId: HMAC_KEY_SECRET, VersionId }));
  await expect(read).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  release();
});

test("RotateSecret remembers the function for the next time, and refuses a secret that has none", async () => {
  const { events, start } = await serverThatRotates();
  const none = start({ RotationLambdaARN: undefined });
  await expect(none).rejects.toThrow("No Lambda rotation function ARN is associated");
  for (const input of [{}, { RotationLambdaARN: undefined }]) {
    const ended = vi.mocked(console.log).mock.calls.length + 1;
    await start(input);
    await eventually(() => vi.mocked(console.log).mock.calls.length === ended);
  }
  expect(events).toHaveLength(8);
});

test("RotateSecret once more with the same token is the same rotation", async () => {
  const { describe, events, start } = await serverThatRotates();
  const ClientRequestToken = randomUUID();
  await Promise.all([start({ ClientRequestToken }), start({ ClientRequestToken })]);
  await eventually(async () => (await describe()).LastRotatedDate !== undefined);
  expect((await start({ ClientRequestToken })).VersionId).toBe(ClientRequestToken);
  expect(events).toHaveLength(4);
});

describe("a rotation that fails", () => {
  test.each(STEPS)(
    "at %s stops there, says so, leaves AWSCURRENT, and is continued by the next one",
    async (failing) => {
      const { client, controls, events, first, stages } = await serverThatRotates(
        async (own, event) => {
          if (event.Step === failing) throw new Error("no luck");
          await rotate(own, event);
        },
      );
      const ended = rotateHmacKey(client, 0);
      await expect(ended).rejects.toThrow(/did not end .* output of npm start/);
      await eventually(() => errorsLogged().length > 0);
      expect(events.at(-1)?.[1].Step).toBe(failing);
      expect(errorsLogged()).toEqual([
        expect.objectContaining({ outcome: "failed", step: failing, reason: "no luck" }),
      ]);
      const pending = events[0]?.[1].ClientRequestToken ?? "";
      expect(await stages()).toEqual({ [first]: ["AWSCURRENT"], [pending]: ["AWSPENDING"] });

      controls.run = rotate;
      const next = await rotateHmacKey(client, LIMIT_MILLISECONDS);
      expect(next).toEqual({ current: pending, previous: first });
    },
  );

  test("when the function ends well without making the version current", async () => {
    const { describe, start } = await serverThatRotates(async () => undefined);
    await start();
    await eventually(() => errorsLogged().length > 0);
    expect(errorsLogged()[0]?.reason).toContain("did not make the new version AWSCURRENT");
    expect(await describe()).not.toHaveProperty("LastRotatedDate");
  });
});

describe("npm run rotate", () => {
  async function run(directory: string) {
    const root = join(import.meta.dirname, "..", "..");
    const child = spawn(process.execPath, ["--import", "tsx", join(root, "local", "rotate.ts")], {
      cwd: root,
      env: { ...process.env, POCKETPAW_LOCAL_DIR: directory },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (child.exitCode === null) await once(child, "exit");
    return { code: child.exitCode, stdout, stderr };
  }

  test("prints both versions, and says in one line that npm start is not running", async () => {
    const directory = await temporaryDirectory();
    const never = `npm start is not running: there is no ${urlFile(directory)}.\n`;
    expect(await run(directory)).toEqual({ code: 1, stdout: "", stderr: never });
    const { first, stages, url, close } = await serverThatRotates();
    await writeFile(urlFile(directory), `${url}\n`);
    await writeFile(accessKeyIdFile(directory), `${ACCESS_KEY_ID}\n`);
    const { code, stdout, stderr } = await run(directory);
    expect([code, stderr]).toEqual([0, ""]);
    const [current] = Object.keys(await stages()).filter((id) => id !== first);
    expect(stdout).toContain(`${current} is AWSCURRENT`);
    expect(stdout).toContain(`${first} is AWSPREVIOUS`);
    await close();
    const ended = `npm start is not running: nothing listens on ${url}.\n`;
    expect(await run(directory)).toEqual({ code: 1, stdout: "", stderr: ended });
  });
});
