import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { openSecretVersions } from "../../../lib/secrets/versions.ts";
import { HMAC_KEY_SECRET_ID } from "../../support/secret-store.ts";
import { beginRotation, openSecrets, versionLabelled } from "../../support/secrets.ts";
import { HMAC_KEY } from "../../support/tokens.ts";

async function open(signal?: AbortSignal) {
  const { client } = await openSecrets();
  const { versionId } = await versionLabelled(client, HMAC_KEY_SECRET_ID, "AWSCURRENT");
  const labels = async () => (await secret.describe()).labels;
  const secret = openSecretVersions(client, HMAC_KEY_SECRET_ID, signal);
  return { client, secret, versionId, labels };
}

test("read gives a version's value, and undefined for one that does not exist or has none", async () => {
  const { client, secret, versionId } = await open();
  expect(await secret.read(versionId)).toBe(HMAC_KEY);
  expect(await secret.read(randomUUID())).toBeUndefined();
  const pending = await beginRotation(client);
  expect(await secret.read(pending)).toBeUndefined();
});

test("makeCurrent is false, and changes nothing, when another version is current by now", async () => {
  const { secret, versionId, labels } = await open();
  const [first, second] = [randomUUID(), randomUUID()];
  for (const id of [first, second]) await secret.put(id, "N".repeat(64), "MINE");
  expect(await secret.makeCurrent(first, versionId)).toBe(true);
  expect(await secret.makeCurrent(second, versionId)).toBe(false);
  expect((await labels()).get(first)).toContain("AWSCURRENT");
});

test("makeCurrent is true once more, when its first response was lost", async () => {
  const { secret, versionId } = await open();
  const own = randomUUID();
  await secret.put(own, "N".repeat(64), "MINE");
  await secret.makeCurrent(own, versionId);
  expect(await secret.makeCurrent(own, versionId)).toBe(true);
});

test("rotation is turned on by the first RotateSecret", async () => {
  const { client, secret } = await open();
  expect((await secret.describe()).rotationEnabled).toBe(false);
  await beginRotation(client);
  expect((await secret.describe()).rotationEnabled).toBe(true);
});

test("makeCurrent rejects when it fails although the version to be replaced is still current", async () => {
  const { secret, versionId } = await open();
  const cause = { name: expect.stringMatching(/Exception$/) };
  await expect(secret.makeCurrent(randomUUID(), versionId)).rejects.toMatchObject({ cause });
  expect(await secret.current()).toMatchObject({ versionId });
});

test("a label is put on a version, moved to another, and removed", async () => {
  const { secret, versionId, labels } = await open();
  const other = randomUUID();
  await secret.put(other, "N".repeat(64), "OTHER");
  await secret.moveLabel("MINE", versionId, undefined);
  expect((await labels()).get(versionId)).toContain("MINE");
  await secret.moveLabel("MINE", other, versionId);
  expect((await labels()).get(versionId)).not.toContain("MINE");
  expect((await labels()).get(other)).toEqual(expect.arrayContaining(["MINE", "OTHER"]));
  await secret.moveLabel("MINE", undefined, other);
  expect((await labels()).get(other)).toEqual(["OTHER"]);
});

test("a random password has its length, and letters and digits only", async () => {
  const { secret } = await open();
  expect(await secret.randomPassword(200)).toMatch(/^[A-Za-z0-9]{200}$/);
});

test("once the signal is aborted, every method rejects", async () => {
  const { secret, versionId } = await open(AbortSignal.abort());
  const calls = [
    secret.describe(),
    secret.current(),
    secret.read(versionId),
    secret.put(randomUUID(), "value", "MINE"),
    secret.makeCurrent(randomUUID(), versionId),
    secret.moveLabel("MINE", versionId, undefined),
    secret.moveLabel("MINE", undefined, versionId),
    secret.randomPassword(64),
  ];
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.map(({ status }) => status)).toEqual(calls.map(() => "rejected"));
});
