import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmod, lstat, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InternalServiceError,
  PutSecretValueCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { startSecretsManager } from "../../local/secrets-manager/server.ts";
import { clientFor, startServer, temporaryDirectory } from "./support.ts";

afterEach(() => void vi.restoreAllMocks());

const createOne = () => new CreateSecretCommand({ Name: "one", SecretString: "v1" });
const getOne = () => new GetSecretValueCommand({ SecretId: "one" });
const putOne = (SecretString: string) =>
  new PutSecretValueCommand({ SecretId: "one", SecretString });

test("what was written is there after a restart, to the last member", async () => {
  const first = await startServer();
  await first.client.send(
    new CreateSecretCommand({ Name: "bytes", SecretBinary: new Uint8Array([0, 255]) }),
  );
  await first.client.send(createOne());
  await first.client.send(putOne("v2"));
  const describe = () => new DescribeSecretCommand({ SecretId: "one" });
  const { $metadata: _, ...before } = await first.client.send(describe());
  await first.close();

  const second = await startServer({ directory: first.directory });
  expect(await second.client.send(describe())).toMatchObject(before);
  expect(await second.client.send(getOne())).toMatchObject({ SecretString: "v2" });
  const bytes = await second.client.send(new GetSecretValueCommand({ SecretId: "bytes" }));
  expect(bytes.SecretBinary).toEqual(new Uint8Array([0, 255]));
});

test("the file is its owner's alone, as is the directory that was made for it", async () => {
  const directory = join(await temporaryDirectory(), "made", "here");
  const { client } = await startServer({ directory });
  await client.send(createOne());
  const file = join(directory, "secrets.json");
  const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  expect(await mode(file)).toBe("600");
  expect(await mode(directory)).toBe("700");
});

test("a file that was put back with another mode is its owner's alone from the start on", async () => {
  const first = await startServer();
  await first.client.send(createOne());
  await first.close();
  const file = join(first.directory, "secrets.json");
  await chmod(file, 0o644);
  await startServer({ directory: first.directory });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each(["secrets.json", "secrets.json.tmp"])(
  "a link at %s is replaced, and nothing is written where it leads",
  async (name) => {
    const { client, directory } = await startServer();
    const elsewhere = join(directory, "elsewhere");
    await symlink(elsewhere, join(directory, name));
    await client.send(createOne());
    await expect(stat(elsewhere)).rejects.toThrow("ENOENT");
    const file = await lstat(join(directory, "secrets.json"));
    expect([file.isFile(), file.mode & 0o777]).toEqual([true, 0o600]);
  },
);

test("a leftover of a write that was cut short is neither read nor in the way", async () => {
  const first = await startServer();
  await first.client.send(createOne());
  await first.close();
  const leftover = join(first.directory, "secrets.json.tmp");
  await writeFile(leftover, '{"format":1,"secr', { mode: 0o644 });

  const second = await startServer({ directory: first.directory });
  expect(await second.client.send(getOne())).toMatchObject({ SecretString: "v1" });
  await second.client.send(putOne("v2"));
  const { mode } = await stat(join(first.directory, "secrets.json"));
  expect((mode & 0o777).toString(8)).toBe("600");
});

test.each([
  ["cut short", (text: string) => text.slice(0, -20)],
  ["empty", () => ""],
  ["of another format", (text: string) => text.replace('"format": 1', '"format": 2')],
  ["of another shape", (text: string) => text.replace('"versions": [', '"versions": [7, ')],
  ["with a label on two versions", (text: string) => text.replace("AWSPREVIOUS", "AWSCURRENT")],
])("a file that is %s stops the start, says what to do, and stays as it is", async (_, damage) => {
  const { client, close, directory } = await startServer();
  await client.send(createOne());
  await client.send(putOne("the-secret-value"));
  await close();
  const file = join(directory, "secrets.json");
  const damaged = damage(await readFile(file, "utf8"));
  await writeFile(file, damaged);

  const error = await startSecretsManager({ directory, accessKeyId: null }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  const { message } = error as Error;
  expect(message).toContain(`${file} is damaged`);
  expect(message).toContain("move it away");
  expect(message).not.toContain("the-secret");
  expect(await readFile(file, "utf8")).toBe(damaged);
});

test("a write that fails is an InternalServiceError and changes nothing; the next one works", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { client, directory } = await startServer();
  await client.send(createOne());
  const obstacle = join(directory, "secrets.json.tmp");
  await mkdir(obstacle);
  await expect(client.send(putOne("v2"))).rejects.toBeInstanceOf(InternalServiceError);
  expect(await client.send(getOne())).toMatchObject({ SecretString: "v1" });
  await rm(obstacle, { recursive: true });
  await client.send(putOne("v3"));
  expect(await client.send(getOne())).toMatchObject({ SecretString: "v3" });
  expect(await readFile(join(directory, "secrets.json"), "utf8")).not.toContain("v2");
});

test("two servers on one directory: the second to write is refused, nothing is overwritten", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const one = await startServer();
  await one.client.send(createOne());
  const two = await startServer({ directory: one.directory });
  await one.client.send(putOne("v2"));
  await expect(two.client.send(putOne("v3"))).rejects.toBeInstanceOf(InternalServiceError);
  expect(log.mock.calls.join()).toContain("was changed by another process");
  const three = await startServer({ directory: one.directory });
  expect(await three.client.send(getOne())).toMatchObject({ SecretString: "v2" });
});

test("a hundred writes at once are all kept, one after the other", async () => {
  const { client, close, directory } = await startServer();
  await client.send(createOne());
  const values = Array.from({ length: 100 }, (_, n) => `value ${n}`);
  const written = await Promise.all(values.map((value) => client.send(putOne(value))));
  await close();
  const again = await startServer({ directory });
  for (const [n, { VersionId }] of written.entries()) {
    const command = new GetSecretValueCommand({ SecretId: "one", VersionId });
    expect((await again.client.send(command)).SecretString).toBe(values[n]);
  }
});

test("kill -9 amid writes loses none that had its response", async () => {
  const directory = await temporaryDirectory();
  let acknowledged = new Map<string, string>();
  for (const killAfter of [3, 17, 40]) {
    acknowledged = new Map([...acknowledged, ...(await writeUntilKilled(directory, killAfter))]);
    const { client, close } = await startServer({ directory });
    for (const [name, value] of acknowledged) {
      const read = await client.send(new GetSecretValueCommand({ SecretId: name }));
      expect(read.SecretString).toBe(value);
    }
    await close();
  }
}, 60_000);

/** Runs a server in a child, writes to it without a pause, kills it; the writes that had a response. */
async function writeUntilKilled(directory: string, killAfter: number) {
  const serverModule = new URL("../../local/secrets-manager/server.ts", import.meta.url).href;
  const script = `
    import { startSecretsManager } from ${JSON.stringify(serverModule)};
    const { url } = await startSecretsManager({ accessKeyId: null, directory: ${JSON.stringify(directory)} });
    console.log(url);`;
  const child = spawn(
    process.execPath,
    ["--import", "tsx/esm", "--input-type=module", "--eval", script],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  const client = clientFor(url);

  const acknowledged = new Map<string, string>();
  const writeOn = async () => {
    for (;;) {
      const [name, value] = [randomUUID(), randomUUID()];
      await client.send(new CreateSecretCommand({ Name: name, SecretString: value }));
      acknowledged.set(name, value);
      if (acknowledged.size === killAfter) child.kill("SIGKILL");
    }
  };
  // Four at once, so that a write is under way when the kill comes.
  await Promise.allSettled([writeOn(), writeOn(), writeOn(), writeOn()]);
  return acknowledged;
}
