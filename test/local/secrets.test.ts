import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { ensureSecrets, HMAC_KEY_SECRET, MASTER_TOKEN_SECRET } from "../../local/secrets.ts";
import { startServer, temporaryDirectory } from "./support.ts";

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

async function stored(client: SecretsManagerClient, SecretId: string) {
  return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
}

/** A home directory, with PocketPaw's token file in it if there is a text for it. */
async function homeWith(accessToken?: string): Promise<string> {
  const home = await temporaryDirectory();
  if (accessToken !== undefined) {
    await mkdir(join(home, ".pocketpaw"));
    await writeFile(join(home, ".pocketpaw", "access_token"), accessToken);
  }
  return home;
}

test("with nothing given, a new UUID is the master token and the key has 48 letters and digits", async () => {
  const { client } = await startServer();
  const home = await homeWith();
  const token = await ensureSecrets(client, { environment: {}, home });
  expect(token).toMatch(UUID4);
  expect(await stored(client, MASTER_TOKEN_SECRET)).toBe(token);
  expect(await stored(client, HMAC_KEY_SECRET)).toMatch(/^[A-Za-z0-9]{48}$/);
});

test("the second start keeps both, and makes no version", async () => {
  const { client } = await startServer();
  const sources = { environment: {}, home: await homeWith() };
  const token = await ensureSecrets(client, sources);
  const key = await stored(client, HMAC_KEY_SECRET);
  expect(await ensureSecrets(client, sources)).toBe(token);
  expect(await stored(client, HMAC_KEY_SECRET)).toBe(key);
  for (const SecretId of [MASTER_TOKEN_SECRET, HMAC_KEY_SECRET]) {
    const { Versions } = await client.send(
      new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }),
    );
    expect(Versions).toHaveLength(1);
  }
});

test("POCKETPAW_ACCESS_TOKEN wins over the file, the file over what is stored", async () => {
  const { client } = await startServer();
  const home = await homeWith("from-the-file\n");
  const first = await ensureSecrets(client, { environment: {}, home: await homeWith() });
  expect(await ensureSecrets(client, { environment: {}, home })).toBe("from-the-file");
  expect(await stored(client, MASTER_TOKEN_SECRET)).toBe("from-the-file");
  const environment = { POCKETPAW_ACCESS_TOKEN: "from-the-environment" };
  expect(await ensureSecrets(client, { environment, home })).toBe("from-the-environment");
  expect(await stored(client, MASTER_TOKEN_SECRET)).toBe("from-the-environment");
  const previous = { SecretId: MASTER_TOKEN_SECRET, VersionStage: "AWSPREVIOUS" };
  const { SecretString } = await client.send(new GetSecretValueCommand(previous));
  expect([first, SecretString]).toEqual([expect.stringMatching(UUID4), "from-the-file"]);
});

test("a stored token in the JSON form that the handlers take is kept", async () => {
  const { client } = await startServer();
  const json = '{"token":"in-json"}';
  await client.send(new CreateSecretCommand({ Name: MASTER_TOKEN_SECRET, SecretString: json }));
  const home = await homeWith();
  expect(await ensureSecrets(client, { environment: {}, home })).toBe("in-json");
  expect(await stored(client, MASTER_TOKEN_SECRET)).toBe(json);
});

test("a secret that exists without a value gets one", async () => {
  const { client } = await startServer();
  await client.send(new CreateSecretCommand({ Name: HMAC_KEY_SECRET }));
  await ensureSecrets(client, { environment: {}, home: await homeWith() });
  expect(await stored(client, HMAC_KEY_SECRET)).toHaveLength(48);
});

test.each(["", " \n", "two words", "ünïcode"])(
  "POCKETPAW_ACCESS_TOKEN=%j is refused by name, and nothing is stored",
  async (token) => {
    const { client } = await startServer();
    const sources = { environment: { POCKETPAW_ACCESS_TOKEN: token }, home: await homeWith() };
    const error = await ensureSecrets(client, sources).catch((reason: unknown) => reason);
    expect(String(error)).toContain("POCKETPAW_ACCESS_TOKEN");
    if (token.trim() !== "") expect(String(error)).not.toContain(token);
    await expect(stored(client, MASTER_TOKEN_SECRET)).rejects.toThrow("can't find");
  },
);

test("an empty token file, and an unusable stored token, are refused by name", async () => {
  const { client } = await startServer();
  const home = await homeWith("\n");
  const ensured = ensureSecrets(client, { environment: {}, home });
  await expect(ensured).rejects.toThrow(join(home, ".pocketpaw", "access_token"));
  await client.send(
    new CreateSecretCommand({ Name: MASTER_TOKEN_SECRET, SecretString: '{"tok":"x"}' }),
  );
  const ensuredAgain = ensureSecrets(client, { environment: {}, home: await homeWith() });
  await expect(ensuredAgain).rejects.toThrow(MASTER_TOKEN_SECRET);
});

test("what rotation and regeneration have stored since is kept", async () => {
  const { client } = await startServer();
  const sources = { environment: {}, home: await homeWith() };
  await ensureSecrets(client, sources);
  for (const SecretId of [MASTER_TOKEN_SECRET, HMAC_KEY_SECRET]) {
    await client.send(
      new PutSecretValueCommand({ SecretId, SecretString: `new ${SecretId}`.replace(" ", "-") }),
    );
  }
  expect(await ensureSecrets(client, sources)).toBe(`new-${MASTER_TOKEN_SECRET}`);
  expect(await stored(client, HMAC_KEY_SECRET)).toBe(`new-${HMAC_KEY_SECRET}`);
});
