import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { accessKeyIdFile, urlFile } from "../../local/directory.ts";
import { rotateHmacKey } from "../../local/hmac-key-rotation.ts";
import { invokeOffline } from "../../local/offline-lambda.ts";
import { HMAC_KEY_SECRET } from "../../local/secrets.ts";
import type { RotationEvent } from "../../local/secrets-manager/server.ts";
import { eventually } from "../support/eventually.ts";
import { ACCESS_KEY_ID, startServer, temporaryDirectory } from "./support.ts";

const LIMIT_MILLISECONDS = 10_000;
const ROOT = join(import.meta.dirname, "..", "..");

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => void vi.restoreAllMocks());

type RotationFunction = (client: SecretsManagerClient, event: RotationEvent) => Promise<void>;

/** The least that a rotation function must do. */
const rotate: RotationFunction = async (client, event) => {
  const { SecretId, ClientRequestToken, Step } = event;
  if (Step === "createSecret") {
    const SecretString = "k".repeat(48);
    const VersionStages = ["AWSPENDING"];
    await client.send(
      new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages }),
    );
  }
  if (Step === "finishSecret") {
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
};

/**
 * The HMAC key in a server whose rotations go to an endpoint that responds as serverless-offline's
 * does: 200 in any case, and a header when the function failed.
 */
async function startWithFunction(rotationFunction: RotationFunction) {
  const controls = { rotationFunction };
  const paths: (string | undefined)[] = [];
  const lambda = createServer(async (request, response) => {
    paths.push(request.url);
    const event = JSON.parse(await text(request)) as RotationEvent;
    const error = await controls.rotationFunction(server.client, event).catch((reason) => reason);
    if (error) response.setHeader("x-amz-function-error", "Unhandled");
    response.end(error ? JSON.stringify({ errorMessage: error.message }) : "");
  });
  const socket = join(await temporaryDirectory(), "lambda.sock");
  await once(lambda.listen(socket), "listening");
  onTestFinished(() => void lambda.close());
  const server = await startServer({
    invoke: (arn, event) => invokeOffline(socket, arn.split(":").at(-1) ?? "", event),
  });
  const created = await server.client.send(
    new CreateSecretCommand({ Name: HMAC_KEY_SECRET, SecretString: "j".repeat(48) }),
  );
  return { ...server, controls, paths, first: created.VersionId };
}

const stages = async (client: SecretsManagerClient) =>
  (await client.send(new DescribeSecretCommand({ SecretId: HMAC_KEY_SECRET }))).VersionIdsToStages;

/** `npm run rotate`, for the state in a directory. */
async function runCommand(directory: string) {
  const child = spawn(process.execPath, ["--import", "tsx", join(ROOT, "local", "rotate.ts")], {
    cwd: ROOT,
    env: { ...process.env, POCKETPAW_LOCAL_DIR: directory },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  return { code: child.exitCode, stdout, stderr };
}

test("rotates through the function called rotate, and tells both versions", async () => {
  const { client, first, paths } = await startWithFunction(rotate);
  const { previous, current } = await rotateHmacKey(client, LIMIT_MILLISECONDS);
  expect(previous).toBe(first);
  expect(await stages(client)).toMatchObject({
    [previous ?? ""]: ["AWSPREVIOUS"],
    [current]: expect.arrayContaining(["AWSCURRENT"]),
  });
  expect(paths).toEqual(Array(4).fill("/2015-03-31/functions/rotate/invocations"));
});

test("a rotation that does not end is an error that says where to look", async () => {
  const { client, first } = await startWithFunction(() => Promise.reject(new Error("no luck")));
  await expect(rotateHmacKey(client, 0)).rejects.toThrow(/did not end .* output of npm start/);
  expect((await stages(client))?.[first ?? ""]).toEqual(["AWSCURRENT"]);
});

test("the function's own message goes to the log", async () => {
  const { client } = await startWithFunction(() => Promise.reject(new Error("no luck")));
  await expect(rotateHmacKey(client, 0)).rejects.toThrow("did not end");
  await eventually(() => vi.mocked(console.error).mock.calls.length > 0);
  expect(JSON.parse(vi.mocked(console.error).mock.calls[0]?.[0])).toMatchObject({
    event: "rotation",
    outcome: "failed",
    step: "createSecret",
    reason: "no luck",
  });
});

test("a rotation that failed is taken up again, as the same version", async () => {
  const { client, controls, first } = await startWithFunction(async (_, { Step }) => {
    if (Step === "createSecret") throw new Error("no luck");
  });
  await expect(rotateHmacKey(client, 0)).rejects.toThrow("did not end");
  await eventually(() => vi.mocked(console.error).mock.calls.length > 0);
  const pending = Object.entries((await stages(client)) ?? {}).find(([, labels]) =>
    labels.includes("AWSPENDING"),
  );
  controls.rotationFunction = rotate;
  expect(await rotateHmacKey(client, LIMIT_MILLISECONDS)).toEqual({
    previous: first,
    current: pending?.[0],
  });
});

test("npm run rotate prints both versions", async () => {
  const { client, directory, first, url } = await startWithFunction(rotate);
  await writeFile(urlFile(directory), `${url}\n`);
  await writeFile(accessKeyIdFile(directory), `${ACCESS_KEY_ID}\n`);
  const { code, stdout, stderr } = await runCommand(directory);
  expect([code, stderr]).toEqual([0, ""]);
  const current = Object.entries((await stages(client)) ?? {}).find(([, labels]) =>
    labels.includes("AWSCURRENT"),
  );
  expect(stdout).toContain(`${current?.[0]} is AWSCURRENT`);
  expect(stdout).toContain(`${first} is AWSPREVIOUS`);
});

test("npm run rotate says in one line that npm start is not running", async () => {
  const directory = await temporaryDirectory();
  const never = await runCommand(directory);
  expect(never).toEqual({
    code: 1,
    stdout: "",
    stderr: `npm start is not running: there is no ${urlFile(directory)}.\n`,
  });
  const { url, close } = await startServer();
  await close();
  await writeFile(urlFile(directory), url);
  await writeFile(accessKeyIdFile(directory), ACCESS_KEY_ID);
  const noLonger = await runCommand(directory);
  expect(noLonger).toEqual({
    code: 1,
    stdout: "",
    stderr: `npm start is not running: nothing listens on ${url}.\n`,
  });
});
