import { lstat, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { expect, onTestFinished, test } from "vitest";
import { accessKeyIdFile, localDirectory, urlFile } from "../../local/directory.ts";
import { HMAC_KEY_SECRET, MASTER_TOKEN_SECRET } from "../../local/secrets.ts";
import { startLocal, welcome } from "../../local/start.ts";
import { clientFor, temporaryDirectory } from "./support.ts";

/** What `startLocal` takes. */
async function options() {
  return {
    directory: join(await temporaryDirectory(), ".local"),
    home: await temporaryDirectory(),
    environment: {} as Record<string, string>,
    lambdaSocket: "/nowhere",
    functionName: (key: string) => `service-dev-${key}`,
  };
}

async function start(given: Awaited<ReturnType<typeof options>>) {
  const local = await startLocal(given);
  onTestFinished(() => local.close());
  const url = local.functionEnvironment.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? "";
  return { ...local, url, client: clientFor(url, local.functionEnvironment.AWS_ACCESS_KEY_ID) };
}

test("the functions' environment reaches both secrets, and the URL stands in a file until the end", async () => {
  const given = await options();
  const { client, close, functionEnvironment, masterToken, url } = await start(given);
  const read = await client.send(new GetSecretValueCommand({ SecretId: MASTER_TOKEN_SECRET }));
  expect(read.SecretString).toBe(masterToken);
  await client.send(new GetSecretValueCommand({ SecretId: HMAC_KEY_SECRET }));
  expect(Object.keys(functionEnvironment).sort()).toEqual([
    "AWS_ACCESS_KEY_ID",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_SECRET_ACCESS_KEY",
  ]);
  expect(await readFile(urlFile(given.directory), "utf8")).toBe(`${url}\n`);
  const accessKeyId = functionEnvironment.AWS_ACCESS_KEY_ID;
  expect(accessKeyId).toMatch(/^[0-9a-f]{32}$/);
  expect(await readFile(accessKeyIdFile(given.directory), "utf8")).toBe(`${accessKeyId}\n`);
  for (const file of [urlFile(given.directory), accessKeyIdFile(given.directory)]) {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  }
  await close();
  for (const file of [urlFile(given.directory), accessKeyIdFile(given.directory)]) {
    await expect(stat(file)).rejects.toThrow("ENOENT");
  }
  await expect(fetch(url)).rejects.toThrow();
});

test("each run has an access key id of its own, and only that reads a secret", async () => {
  const [one, other] = [await start(await options()), await start(await options())];
  const read = new GetSecretValueCommand({ SecretId: MASTER_TOKEN_SECRET });
  const foreign = clientFor(one.url, other.functionEnvironment.AWS_ACCESS_KEY_ID);
  await expect(foreign.send(read)).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  await expect(clientFor(one.url, "local").send(read)).rejects.toThrow();
  await one.client.send(read);
});

test("files left behind by a run that was killed do not keep their mode", async () => {
  const given = await options();
  await mkdir(given.directory);
  const files = [urlFile(given.directory), accessKeyIdFile(given.directory)];
  for (const file of files) await writeFile(file, "old", { mode: 0o644 });
  await start(given);
  for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("links in their place are replaced, and nothing is written where they lead", async () => {
  const given = await options();
  await mkdir(given.directory);
  const elsewhere = join(given.directory, "elsewhere");
  await writeFile(elsewhere, "theirs", { mode: 0o644 });
  const files = [urlFile(given.directory), accessKeyIdFile(given.directory)];
  for (const file of files) await symlink(elsewhere, file);
  await start(given);
  expect(await readFile(elsewhere, "utf8")).toBe("theirs");
  for (const file of files) expect((await lstat(file)).mode & 0o777).toBe(0o600);
});

test("the end of a run leaves the files of a later one in the same folder in place", async () => {
  const given = await options();
  const earlier = await start(given);
  const later = await start(given);
  await earlier.close();
  expect(await readFile(urlFile(given.directory), "utf8")).toBe(`${later.url}\n`);
  expect(await readFile(accessKeyIdFile(given.directory), "utf8")).toBe(
    `${later.functionEnvironment.AWS_ACCESS_KEY_ID}\n`,
  );
});

test("an unusable token starts nothing", async () => {
  const given = await options();
  const environment = { POCKETPAW_ACCESS_TOKEN: "" };
  await expect(startLocal({ ...given, environment })).rejects.toThrow("POCKETPAW_ACCESS_TOKEN");
  await expect(stat(urlFile(given.directory))).rejects.toThrow("ENOENT");
});

test("a damaged file of secrets starts nothing, and stays", async () => {
  const given = await options();
  const { close } = await start(given);
  await close();
  const file = join(given.directory, "secrets.json");
  await writeFile(file, "{");
  await expect(startLocal(given)).rejects.toThrow(`${file} is damaged`);
  expect(await readFile(file, "utf8")).toBe("{");
});

test("the last lines are the URL, the token and a command to paste", () => {
  expect(welcome(8001, "the-token")).toBe(`
The gateway listens on http://localhost:8001
Master token: the-token

curl -X POST "http://localhost:8001/api/auth/session" \\
-H "Authorization: Bearer the-token"
`);
});

test("POCKETPAW_LOCAL_DIR names the directory, and an empty one is refused by name", () => {
  expect(localDirectory({}, "/service")).toBe("/service/.local");
  expect(localDirectory({ POCKETPAW_LOCAL_DIR: "elsewhere" }, "/service")).toBe(
    "/service/elsewhere",
  );
  expect(localDirectory({ POCKETPAW_LOCAL_DIR: "/else" }, "/service")).toBe("/else");
  expect(() => localDirectory({ POCKETPAW_LOCAL_DIR: "" }, "/service")).toThrow(
    "POCKETPAW_LOCAL_DIR",
  );
});
