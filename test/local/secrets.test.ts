import { lstat, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { expect, onTestFinished, test } from "vitest";
import { HMAC_KEY_SECRET, MASTER_TOKEN_SECRET, startSecrets } from "../../local/secrets.ts";
import { accessKeyIdFile, localDirectory, urlFile } from "../../local/state.ts";
import { clientFor, temporaryDirectory } from "./support.ts";

async function start(directory: string, masterToken = "the-token") {
  const tokens: string[] = [];
  const secrets = await startSecrets({
    directory,
    masterToken,
    invoke: async () => undefined,
    onMasterToken: (token) => tokens.push(token),
  });
  onTestFinished(() => secrets.close());
  const { AWS_ENDPOINT_URL_SECRETS_MANAGER: url = "", AWS_ACCESS_KEY_ID: id = "" } =
    secrets.functionEnvironment;
  return { ...secrets, tokens, url, id, client: clientFor(url, id) };
}

async function read(client: SecretsManagerClient, SecretId: string, VersionStage = "AWSCURRENT") {
  const command = new GetSecretValueCommand({ SecretId, VersionStage });
  return (await client.send(command)).SecretString;
}

function put(client: SecretsManagerClient, SecretId: string, SecretString: string) {
  return client.send(new PutSecretValueCommand({ SecretId, SecretString }));
}

const modeOf = async (file: string) => (await lstat(file)).mode & 0o777;

test("the functions' environment reaches both secrets by an id of this run, and no configuration of the operator's", async () => {
  const { client, functionEnvironment, id } = await start(await temporaryDirectory());
  expect(await read(client, MASTER_TOKEN_SECRET)).toBe("the-token");
  expect(Buffer.byteLength((await read(client, HMAC_KEY_SECRET)) ?? "")).toBe(48);
  const { url, id: other } = await start(await temporaryDirectory());
  expect([id, other]).toEqual(Array(2).fill(expect.stringMatching(/^[0-9a-f]{32}$/)));
  const foreign = read(clientFor(url, id), MASTER_TOKEN_SECRET);
  await expect(foreign).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  expect(Object.keys(functionEnvironment).sort()).toEqual([
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SHARED_CREDENTIALS_FILE",
  ]);
});

test("the HMAC key and the one before it survive a restart, in one file that only its user can read; the master token does not", async () => {
  const directory = join(await temporaryDirectory(), "state");
  const first = await start(directory);
  const before = await read(first.client, HMAC_KEY_SECRET);
  await put(first.client, HMAC_KEY_SECRET, "k".repeat(48));
  await put(first.client, MASTER_TOKEN_SECRET, "another-token");
  await first.close();
  const file = join(directory, "hmac-key.json");
  expect([await modeOf(file), await modeOf(directory)]).toEqual([0o600, 0o700]);
  expect(await readFile(file, "utf8")).not.toContain("token");
  const { client } = await start(directory);
  expect(await read(client, HMAC_KEY_SECRET)).toBe("k".repeat(48));
  expect(await read(client, HMAC_KEY_SECRET, "AWSPREVIOUS")).toBe(before);
  expect(await read(client, MASTER_TOKEN_SECRET)).toBe("the-token");
});

test.each(["", "{", "[7]", '["short"]', "null"])(
  "a file of the HMAC key that is %j stops the start, is named, and stays",
  async (damaged) => {
    const directory = await temporaryDirectory();
    const file = join(directory, "hmac-key.json");
    await writeFile(file, damaged);
    await expect(start(directory)).rejects.toThrow(`${file} is damaged`);
    expect(await readFile(file, "utf8")).toBe(damaged);
  },
);

test("a file of the HMAC key that cannot be read is named, with the reason", async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, "hmac-key.json");
  await mkdir(file);
  await expect(start(directory)).rejects.toThrow(`${file} cannot be read: EISDIR`);
});

test("a folder that cannot be written to is named, with the setting", async () => {
  const directory = join(await temporaryDirectory(), "file");
  await writeFile(directory, "");
  await expect(start(join(directory, "state"))).rejects.toThrow(
    /file\/state .*POCKETPAW_LOCAL_DIR/,
  );
});

test("another current master token is told of, however it was stored, and an unusable one is not", async () => {
  const { client, putMasterToken, tokens } = await start(await temporaryDirectory());
  await put(client, MASTER_TOKEN_SECRET, '{"token":"in-json"}');
  await put(client, MASTER_TOKEN_SECRET, "two words");
  putMasterToken("from-the-file");
  putMasterToken("from-the-file");
  expect(tokens).toEqual(["in-json", "from-the-file"]);
  expect(await read(client, MASTER_TOKEN_SECRET)).toBe("from-the-file");
});

test("another master token is told of while nothing can be written, and beside an HMAC key that is no text", async () => {
  const directory = join(await temporaryDirectory(), "state");
  const { client, putMasterToken, tokens } = await start(directory);
  await rm(directory, { recursive: true });
  await writeFile(directory, "");
  putMasterToken("on-a-full-disk");
  const binary = { SecretId: HMAC_KEY_SECRET, SecretBinary: Buffer.alloc(48) };
  await client.send(new PutSecretValueCommand(binary));
  putMasterToken("beside-bytes");
  expect(tokens).toEqual(["on-a-full-disk", "beside-bytes"]);
});

test("URL and access key id stand in files that only their user can read, until the end", async () => {
  const directory = await temporaryDirectory();
  const elsewhere = join(directory, "elsewhere");
  await writeFile(elsewhere, "theirs", { mode: 0o644 });
  const files = [urlFile(directory), accessKeyIdFile(directory)];
  // Left behind by a run that was killed, and a link that leads elsewhere.
  await writeFile(urlFile(directory), "old", { mode: 0o644 });
  await symlink(elsewhere, accessKeyIdFile(directory));
  const { url, id, close } = await start(directory);
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  expect(texts).toEqual([`${url}\n`, `${id}\n`]);
  for (const file of files) expect(await modeOf(file)).toBe(0o600);
  expect(await readFile(elsewhere, "utf8")).toBe("theirs");
  await close();
  for (const file of files) await expect(stat(file)).rejects.toThrow("ENOENT");
  await expect(fetch(url)).rejects.toThrow();
});

test("the end of a run leaves the files of a later one in the same folder in place", async () => {
  const directory = await temporaryDirectory();
  const earlier = await start(directory);
  const later = await start(directory);
  await earlier.close();
  expect(await readFile(urlFile(directory), "utf8")).toBe(`${later.url}\n`);
});

test("POCKETPAW_LOCAL_DIR names the folder, and an empty one is refused by name", () => {
  expect(localDirectory({}, "/service")).toBe("/service/.local");
  expect(localDirectory({ POCKETPAW_LOCAL_DIR: "other" }, "/service")).toBe("/service/other");
  expect(localDirectory({ POCKETPAW_LOCAL_DIR: "/else" }, "/service")).toBe("/else");
  const empty = () => localDirectory({ POCKETPAW_LOCAL_DIR: "" }, "/service");
  expect(empty).toThrow("POCKETPAW_LOCAL_DIR");
});
