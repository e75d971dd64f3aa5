import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CREDENTIALS, startEmulator } from "../deployed/support/emulator.ts";
import { type Server, startServer } from "../deployed/support/processes.ts";
import { installPython, PYTHON_PROGRAMS } from "../deployed/support/tools.ts";
import { copyProject, makeFolder } from "../support/checkout.ts";
import { startGateway } from "../support/offline.ts";
import { blocksOf } from "./pages.ts";

// The commands of README.md, of the runbook and of docs/api.md, as they stand on the page.

/** Some of the commands install something. */
const LIMIT = { timeout: 600_000 };
const npmConfig = (name: string) => execFileSync("npm", ["config", "get", name]).toString().trim();

const { directory: folder, remove } = makeFolder();
let base: Record<string, string>;

beforeAll(async () => {
  mkdirSync(join(folder, "home"));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(AWS|POCKETPAW|npm)_/.test(name),
  );
  base = {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    PATH: `${PYTHON_PROGRAMS}:${process.env.PATH}`,
    HOME: join(folder, "home"),
    // The user's registry and cache, which the empty home does not have.
    npm_config_userconfig: npmConfig("userconfig"),
    npm_config_cache: npmConfig("cache"),
    // PocketPaw would open a window.
    BROWSER: "true",
  };
  await installPython();
}, LIMIT.timeout);
afterAll(remove);

const bash = (text: string, env: Record<string, string>, directory: string) => ({
  command: "bash",
  args: ["-euo", "pipefail", "-c", text],
  env,
  directory,
});

/** Runs commands in one shell, and returns what they print. */
function print(text: string, env: Record<string, string>, cwd: string, input = ""): string {
  const { command, args } = bash(text, env, cwd);
  return execFileSync(command, args, {
    cwd,
    env,
    input,
    stdio: ["pipe", "pipe", "inherit"],
  }).toString();
}

test("README.md's commands work from the first to the last, in a fresh copy", LIMIT, async () => {
  const copy = join(folder, "copy");
  copyProject(copy);
  // The emulator has no AWS::SecretsManager::RotationSchedule.
  writeFileSync(join(copy, "params.prod.yml"), "rotationDays: 0\n");
  const emulator = await startEmulator(folder);
  const { accessKeyId, secretAccessKey } = CREDENTIALS;
  const env = {
    ...base,
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const servers = new Map<number, Server>();
  let token = "";
  /** What the reader's second terminal has not run yet, and what it has printed. */
  let second = "";
  let printed = "";
  const runSecond = () => {
    printed += print(second, env, copy, `${token}\n`);
    second = "";
  };
  try {
    for (const block of blocksOf("README.md", "bash")) {
      const port = block.includes("npm start")
        ? 8000
        : block.includes("pocketpaw --host")
          ? 8888
          : 0;
      if (port === 0) {
        second += block;
        continue;
      }
      if (second !== "") runSecond();
      await servers.get(port)?.stop();
      const log = join(folder, `${port}.log`);
      const isUp = async () => {
        await fetch(`http://localhost:${port}/`);
        [, token = ""] = /Master token: (\S+)/.exec(readFileSync(log, "utf8")) ?? [];
        return port !== 8000 || token !== "";
      };
      const command = () => bash(block, base, copy);
      servers.set(port, await startServer(log, command, isUp, port, LIMIT.timeout));
    }
    runSecond();
  } finally {
    for (const { stop } of [...servers.values(), emulator]) await stop();
  }
  const [documented = ""] = blocksOf("README.md", "json");
  const [status = ""] = /^\{"authenticated".*\}/m.exec(printed) ?? [];
  expect(Object.keys(JSON.parse(status))).toEqual(Object.keys(JSON.parse(documented)));
  expect(printed).toContain("HttpApiUrl: ");
});

test("the runbook's commands do on a laptop what it says", LIMIT, async () => {
  const { url, stateDirectory, checkout, stop } = await startGateway();
  const local = (name: string) => readFileSync(join(stateDirectory, name), "utf8").trim();
  const env = {
    ...base,
    API: url,
    MASTER: "pocketpaw/master-token",
    HMAC: "pocketpaw/hmac-key",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: local("secrets-manager-url"),
    AWS_ACCESS_KEY_ID: local("secrets-manager-access-key-id"),
    AWS_SECRET_ACCESS_KEY: "unchecked",
    AWS_DEFAULT_REGION: "us-east-1",
  };
  const section = (heading: string) => blocksOf("docs/operations.md", "bash", heading);
  const put = (secret: string, value: string, stage: string) =>
    `aws secretsmanager put-secret-value --secret-id "$${secret}" --secret-string ${value} --version-stages ${stage}`;
  try {
    const [, token = ""] = section("## Runbook");
    const regenerated = print([token, ...section("### A lost phone")].join("\n"), env, checkout);
    expect(regenerated).toMatch(/^\{"token":"[^"]+"\}HTTP\/1\.1 200 /);

    print(put("MASTER", "interrupted", "REGENERATED"), env, checkout);
    const [, interrupted = ""] = section("### A lost master token, or two different ones");
    expect(print(interrupted, env, checkout)).toBe("interrupted\n");

    const [newKey = ""] = section("### A leaked HMAC key");
    expect(print(newKey, env, checkout)).toContain("AWSCURRENT");
    print(put("HMAC", "pending", "AWSPENDING"), env, checkout);
    const [list = "", ...rest] = section("### A rotation that failed").join("").split("\n");
    const [{ VersionId }] = JSON.parse(print(list, env, checkout));
    const removal = rest.join("\n").replace("<VersionId>", VersionId);
    expect(
      JSON.parse(print(`${removal}\n${list}`, env, checkout).replace(/^.*(?=\[)/s, "")),
    ).toEqual([]);
  } finally {
    await stop();
  }
});

test("docs/api.md's commands get no error from a gateway without PocketPaw", LIMIT, async () => {
  const { url, masterToken, checkout, stop } = await startGateway();
  const section = (heading: string) => blocksOf("docs/api.md", "bash", heading);
  const [, read = ""] = section("# The API by curl");
  const [, replaceBySession = ""] = section("## Replace the master token");
  const commands = [
    read,
    ...section("## Sessions"),
    ...section("## A browser's session"),
    ...section("## A script that keeps its session"),
    replaceBySession,
  ].join("\n");
  try {
    const printed = print(commands, { ...base, GATEWAY: url }, checkout, `${masterToken}\n`);
    expect(printed.match(/HTTP\/1\.1 \d+/g)).toEqual(Array(8).fill("HTTP/1.1 200"));
    expect(printed).toContain('200 {"authenticated":true,"method":"session"');
    expect(printed).toMatch(/"token":"session:[^"]+"\}\s*$/);
    expect(readFileSync(join(checkout, "qr.png")).subarray(1, 4).toString()).toBe("PNG");
  } finally {
    await stop();
  }
});
