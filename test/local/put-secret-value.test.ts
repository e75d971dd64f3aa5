import {
  InvalidParameterException,
  InvalidRequestException,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerServiceException,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { expectException, put, serverWithOneSecret, stagesOf } from "./support.ts";

test("moves AWSCURRENT to the new version and AWSPREVIOUS to the one before it", async () => {
  const { client, first } = await serverWithOneSecret();
  const second = await put(client, "v2");
  expect(await stagesOf(client)).toEqual({ [first]: ["AWSPREVIOUS"], [second]: ["AWSCURRENT"] });
  const third = await put(client, "v3");
  expect(await stagesOf(client)).toEqual({ [second]: ["AWSPREVIOUS"], [third]: ["AWSCURRENT"] });
});

test("attaches just the labels it is given, taking them from other versions", async () => {
  const { client, first } = await serverWithOneSecret();
  const second = await put(client, "v2", ["two", "one", "three"]);
  const third = await put(client, "v3", ["AWSPENDING", "one", "two"]);
  expect(await stagesOf(client)).toEqual({
    [first]: ["AWSCURRENT"],
    [second]: ["three"],
    [third]: ["AWSPENDING", "one", "two"],
  });
});

test("ends a rotation under way when it makes another version current", async () => {
  const { client, first } = await serverWithOneSecret();
  await put(client, "v2", ["AWSPENDING"]);
  const third = await put(client, "v3");
  expect(await stagesOf(client)).toEqual({ [first]: ["AWSPREVIOUS"], [third]: ["AWSCURRENT"] });
});

test("does nothing with a token and the value that it already has", async () => {
  const { client, first } = await serverWithOneSecret();
  await put(client, "v2");
  const before = await stagesOf(client);
  expect(await put(client, "v1", undefined, first)).toBe(first);
  expect(await stagesOf(client)).toEqual(before);
});

test("refuses a token with another value", async () => {
  const { client, arn, first } = await serverWithOneSecret();
  await expectException(
    put(client, "other", undefined, first),
    ResourceExistsException,
    `You can't use ClientRequestToken ${first} because that value is already in use for a version of secret ${arn}.`,
  );
});

test("refuses a secret that is not there, no value, two values, a short token", async () => {
  const { client } = await serverWithOneSecret();
  const send = (input: object) =>
    client.send(new PutSecretValueCommand({ SecretId: "one", ...input }));
  const unknown = send({ SecretId: "two", SecretString: "v" });
  await expectException(unknown, ResourceNotFoundException, "can't find");
  await expectException(send({}), InvalidRequestException, "SecretString or SecretBinary");
  const two = send({ SecretString: "v", SecretBinary: new Uint8Array([1]) });
  await expectException(two, InvalidParameterException, "both");
  await expect(send({ SecretString: "v", ClientRequestToken: "short" })).rejects.toMatchObject({
    name: "ValidationException",
    message: expect.stringContaining("'clientRequestToken'"),
  });
});

test("takes 65536 bytes and refuses one more, without repeating the secret", async () => {
  const { client } = await serverWithOneSecret();
  await put(client, "x".repeat(65_536));
  const error = await put(client, "x".repeat(65_537)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SecretsManagerServiceException);
  expect((error as Error).message).not.toContain("xxx");
  await expect(put(client, "")).rejects.toMatchObject({ name: "ValidationException" });
});

test("keeps the newest hundred versions without a label", async () => {
  const { client, first } = await serverWithOneSecret();
  for (let n = 2; n <= 103; n++) await put(client, `v${n}`);
  const { Versions = [] } = await client.send(
    new ListSecretVersionIdsCommand({ SecretId: "one", IncludeDeprecated: true }),
  );
  expect(Versions.map(({ VersionId }) => VersionId)).not.toContain(first);
  expect(Versions.filter(({ VersionStages }) => VersionStages === undefined)).toHaveLength(100);
});
