import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { cp, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { authorization, temporaryDirectory } from "./support.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const LIMIT_MILLISECONDS = 60_000;

/** A service of three functions, in plain JavaScript, so that nothing needs to be bundled. */
const SERVICE = `
service: scratch
plugins: [./watcher.cjs, ./local/offline-plugin.cjs, serverless-offline]
provider: { name: aws, runtime: nodejs22.x }
functions:
  environment:
    handler: functions.environment
    events: [{ httpApi: GET /environment }]
  context:
    handler: functions.context
    events: [{ httpApi: GET /context }]
  rotate: { handler: functions.rotate }
custom: { serverless-offline: { noSponsor: true } }
`;
const FUNCTIONS = `
exports.environment = async () => ({
  statusCode: 200,
  body: JSON.stringify(Object.entries(process.env).filter(([name]) => name.startsWith("AWS_"))),
});
exports.context = async ({ requestContext }) => ({ context: requestContext.authorizer ?? null });
exports.rotate = async (event) => { throw new Error("called with " + event.Step); };
`;

/** Keeps the process alive, as serverless-esbuild's watcher does. */
const WATCHER = `
module.exports = class {
  hooks = { "before:offline:start:init": () => void setInterval(() => undefined, 1000) };
};
`;

async function scratchService(): Promise<string> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, "home"));
  await cp(join(ROOT, "local"), join(directory, "local"), { recursive: true });
  await cp(join(ROOT, "lib"), join(directory, "lib"), { recursive: true });
  await cp(join(ROOT, "deploy"), join(directory, "deploy"), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"));
  await writeFile(join(directory, "serverless.yml"), SERVICE);
  await writeFile(join(directory, "functions.js"), FUNCTIONS);
  await writeFile(join(directory, "watcher.cjs"), WATCHER);
  return directory;
}

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
}

/**
 * Runs the framework in a service; the child ends with the test at the latest. Both its outputs go
 * into one file, so that they stand there in order, as on a terminal.
 */
function serverless(directory: string, args: string[], environment: object = {}): Run {
  const file = join(directory, `output-${randomUUID()}`);
  const descriptor = openSync(file, "a");
  const child = spawn(process.execPath, ["node_modules/serverless/bin/serverless.js", ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: join(directory, "home"), ...environment },
    stdio: ["ignore", descriptor, descriptor],
  });
  closeSync(descriptor);
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, output: () => readFileSync(file, "utf8") };
}

async function exitCode({ child }: Run): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}

/** A port that the system gave out a moment ago; taken until `release`. */
async function takePort(): Promise<{ port: number; release: () => Promise<unknown> }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const release = () => {
    server.close();
    return once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, release };
}

/** `serverless offline start`; searches again when somebody takes a port in between. */
async function startOffline(directory: string, environment: object = {}) {
  for (;;) {
    const { port, release } = await takePort();
    await release();
    const run = serverless(directory, ["offline", "start", "--httpPort", `${port}`], environment);
    await eventually(
      () => run.child.exitCode !== null || run.output().includes("Server ready"),
      LIMIT_MILLISECONDS,
    );
    if (run.child.exitCode === null) return { ...run, url: `http://127.0.0.1:${port}` };
    if (!/port/i.test(run.output())) throw new Error(run.output());
  }
}

async function functionEnvironment(url: string): Promise<Record<string, string>> {
  const response = await fetch(`${url}/environment`);
  return Object.fromEntries((await response.json()) as [string, string][]);
}

test("serverless offline start: secrets for the functions, the command last, all closed by SIGTERM", async () => {
  const directory = await scratchService();
  const operator = {
    AWS_SESSION_TOKEN: "the-operator's",
    AWS_ACCESS_KEY_ID: "the-operator's",
    AUTHORIZER: '{"lambda":{"method":"master"}}',
  };
  const run = await startOffline(directory, operator);
  const { child, output, url } = run;
  const state = (name: string) => join(directory, ".local", name);
  await eventually(() => /Authorization: Bearer .*"/.test(output()));
  const token = /Master token: (\S+)/.exec(output())?.[1] ?? "";
  const { port } = new URL(url);
  expect(output().trimEnd()).toMatch(
    new RegExp(`localhost:${port}/api/auth/session" \\\\\n-H "Authorization: Bearer ${token}"$`),
  );
  expect(await readFile(state("secrets.json"), "utf8")).toContain(token);

  const environment = await functionEnvironment(url);
  const endpoint = (await readFile(state("secrets-manager-url"), "utf8")).trim();
  expect(environment.AWS_ENDPOINT_URL_SECRETS_MANAGER).toBe(endpoint);
  expect(Object.values(environment)).not.toContain("the-operator's");
  expect(await (await fetch(`${url}/context`)).json()).toEqual({ context: null });

  const rotation = await fetch(endpoint, {
    method: "POST",
    headers: {
      authorization: authorization(environment.AWS_ACCESS_KEY_ID),
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "secretsmanager.RotateSecret",
    },
    body: JSON.stringify({
      SecretId: "pocketpaw/hmac-key",
      ClientRequestToken: "t".repeat(32),
      RotationLambdaARN: "arn:aws:lambda:us-east-1:000000000000:function:rotate",
    }),
  });
  expect(rotation.status).toBe(200);
  await eventually(() => output().includes('"reason":"called with createSecret"'));

  child.kill("SIGTERM");
  expect(await exitCode(run)).toBe(0);
  await expect(stat(state("secrets-manager-url"))).rejects.toThrow("ENOENT");
  await expect(fetch(endpoint)).rejects.toThrow();
}, 120_000);

test("serverless-offline listens on sockets that only this user can open", async () => {
  const directory = await scratchService();
  const run = await startOffline(directory);
  const sockets = ["listening on", "Server ready:"].map(
    (line) => new RegExp(`${line} http://localhost:(/\\S+)`).exec(run.output())?.[1] ?? "",
  );
  for (const socket of sockets) {
    expect((await stat(socket)).isSocket()).toBe(true);
    expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700);
  }
  run.child.kill("SIGTERM");
  await exitCode(run);
  for (const socket of sockets) await expect(stat(dirname(socket))).rejects.toThrow("ENOENT");
}, 120_000);

test("an endpoint that the operator has set is used, and nothing of ours is started", async () => {
  const directory = await scratchService();
  const endpoint = "http://127.0.0.1:9";
  const run = await startOffline(directory, { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint });
  expect(run.output()).toContain(`the secrets are those of ${endpoint}`);
  const environment = await functionEnvironment(run.url);
  expect(environment.AWS_ENDPOINT_URL_SECRETS_MANAGER).toBe(endpoint);
  await expect(stat(join(directory, ".local"))).rejects.toThrow("ENOENT");
}, 120_000);

test("a mistake of the operator's ends the command with one line and no stack", async () => {
  const directory = await scratchService();
  const { port } = await takePort();
  const taken = serverless(directory, ["offline", "start", "--httpPort", `${port}`]);
  const empty = serverless(directory, ["offline", "start"], { POCKETPAW_LOCAL_DIR: "" });
  expect(await exitCode(taken)).toBe(1);
  expect(taken.output()).toContain(
    `Port ${port} is taken on 127.0.0.1. To choose another one: npm start -- --httpPort ${port + 1}\n`,
  );
  expect(await exitCode(empty)).toBe(1);
  expect(empty.output()).toContain("POCKETPAW_LOCAL_DIR is empty");
  for (const { output } of [taken, empty]) expect(output()).not.toMatch(/^ +at /m);
}, 120_000);

test("other commands start nothing and make nothing", async () => {
  const directory = await scratchService();
  const run = serverless(directory, ["print"]);
  expect(await exitCode(run)).toBe(0);
  await expect(stat(join(directory, ".local"))).rejects.toThrow("ENOENT");
}, 120_000);
