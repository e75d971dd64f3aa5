import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { describe, expect, test } from "vitest";
import { put, serverWithOneSecret, stagesOf, startServer } from "./support.ts";

/** What the SDK threw: an exception of that name, with that message. */
async function expectException(sent: Promise<unknown>, name: string, message: string) {
  await expect(sent).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
}

const create = (client: SecretsManagerClient, input: object) =>
  client.send(new CreateSecretCommand({ Name: "one", SecretString: "v1", ...input }));
const get = (client: SecretsManagerClient, input: object = {}) =>
  client.send(new GetSecretValueCommand({ SecretId: "one", ...input }));

describe("CreateSecret", () => {
  test("is idempotent with the same token and value, and refuses a name that is taken", async () => {
    const { client } = await startServer();
    const token = { ClientRequestToken: randomUUID() };
    const first = await create(client, token);
    expect((await create(client, token)).ARN).toBe(first.ARN);
    await expectException(create(client, {}), "ResourceExistsException", "one already exists");
  });

  test("refuses what it does not support, rather than ignoring it", async () => {
    const { client } = await startServer();
    const message = "The embedded Secrets Manager does not support KmsKeyId.";
    await expectException(create(client, { KmsKeyId: "k" }), "InvalidParameterException", message);
  });
});

describe("GetSecretValue", () => {
  test("finds a secret by name, by ARN, and by ARN without its random end", async () => {
    const { client, arn, first } = await serverWithOneSecret();
    expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:\d{12}:secret:one-[A-Za-z0-9]{6}$/);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    for (const SecretId of ["one", arn, arn.slice(0, -7)]) {
      expect(await get(client, { SecretId })).toMatchObject({
        ARN: arn,
        Name: "one",
        VersionId: first,
        SecretString: "v1",
        VersionStages: ["AWSCURRENT"],
        CreatedDate: expect.any(Date),
      });
    }
  });

  test("finds a version by label, by id, and by both when they agree; and says what is not there", async () => {
    const { client, first } = await serverWithOneSecret();
    const second = await put(client, "v2");
    const read = async (input?: object) => (await get(client, input)).SecretString;
    expect(await read()).toBe("v2");
    expect(await read({ VersionStage: "AWSPREVIOUS" })).toBe("v1");
    expect(await read({ VersionId: first })).toBe("v1");
    expect(await read({ VersionId: second, VersionStage: "AWSCURRENT" })).toBe("v2");
    await expectException(
      get(client, { VersionId: first, VersionStage: "AWSCURRENT" }),
      "InvalidRequestException",
      "a VersionStage that is not associated to the provided VersionId",
    );
    const VersionId = randomUUID();
    for (const [input, message] of [
      [{ SecretId: "two" }, "can't find the specified secret."],
      [{ VersionStage: "AWSPENDING" }, "value for staging label: AWSPENDING"],
      [{ VersionId }, `value for VersionId: ${VersionId}`],
    ] as const) {
      await expectException(get(client, input), "ResourceNotFoundException", message);
    }
  });

  test("gives binary values back byte by byte, and strings of any characters", async () => {
    const { client } = await startServer();
    const SecretBinary = new Uint8Array([0, 1, 2, 254, 255]);
    const SecretString = '{"key":"\u0000\u2028\u{1f511}\\"}';
    await client.send(new CreateSecretCommand({ Name: "binary", SecretBinary }));
    await create(client, { SecretString });
    const binary = await get(client, { SecretId: "binary" });
    expect([binary.SecretBinary, binary.SecretString]).toEqual([SecretBinary, undefined]);
    expect((await get(client)).SecretString).toBe(SecretString);
  });
});

describe("PutSecretValue", () => {
  test("moves AWSCURRENT and AWSPREVIOUS, or just the labels it is given, and ends a rotation", async () => {
    const { client, first } = await serverWithOneSecret();
    const second = await put(client, "v2", ["AWSPENDING", "MINE"]);
    expect(await stagesOf(client)).toEqual({
      [first]: ["AWSCURRENT"],
      [second]: ["AWSPENDING", "MINE"],
    });
    const third = await put(client, "v3");
    expect(await stagesOf(client)).toEqual({
      [first]: ["AWSPREVIOUS"],
      [second]: ["MINE"],
      [third]: ["AWSCURRENT"],
    });
  });

  test("does nothing with a token and the value that it has, and refuses another value", async () => {
    const { client, arn, first } = await serverWithOneSecret();
    await put(client, "v2");
    const before = await stagesOf(client);
    expect(await put(client, "v1", undefined, first)).toBe(first);
    expect(await stagesOf(client)).toEqual(before);
    await expectException(
      put(client, "other", undefined, first),
      "ResourceExistsException",
      `You can't use ClientRequestToken ${first} because that value is already in use for a version of secret ${arn}.`,
    );
  });

  test("refuses no value, two values, a short token, and more than 65536 bytes without repeating them", async () => {
    const { client } = await serverWithOneSecret();
    const send = (input: object) =>
      client.send(new PutSecretValueCommand({ SecretId: "one", ...input }));
    await expectException(send({}), "InvalidRequestException", "SecretString or SecretBinary");
    const two = send({ SecretString: "v", SecretBinary: new Uint8Array([1]) });
    await expectException(two, "InvalidParameterException", "both");
    const short = send({ SecretString: "v", ClientRequestToken: "short" });
    await expectException(short, "ValidationException", "'ClientRequestToken'");
    await put(client, "x".repeat(65_536));
    const error = await put(client, "x".repeat(65_537)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "ValidationException" });
    expect(String(error)).not.toContain("xxx");
    await expectException(put(client, ""), "ValidationException", "'SecretString'");
  });
});

test("ListSecretVersionIds lists the labelled versions, and the others when asked", async () => {
  const { client, first } = await serverWithOneSecret();
  const list = async (IncludeDeprecated?: boolean) => {
    const command = new ListSecretVersionIdsCommand({ SecretId: "one", IncludeDeprecated });
    const { Versions = [] } = await client.send(command);
    return Versions.map(({ VersionId, VersionStages }) => [VersionId, VersionStages]);
  };
  const [second, third] = [await put(client, "v2"), await put(client, "v3")];
  const labelled = [
    [second, ["AWSPREVIOUS"]],
    [third, ["AWSCURRENT"]],
  ];
  expect(await list()).toEqual(labelled);
  expect(await list(true)).toEqual([[first, undefined], ...labelled]);
});

test("GetRandomPassword has the length and the characters that are asked for", async () => {
  const { client } = await startServer();
  const password = async (input: object) =>
    (await client.send(new GetRandomPasswordCommand(input))).RandomPassword ?? "";
  expect(await password({})).toHaveLength(32);
  expect(new Set(await password({ PasswordLength: 4096 })).size).toBe(94);
  const plain = await password({ PasswordLength: 48, ExcludePunctuation: true });
  expect(plain).toMatch(/^[A-Za-z0-9]{48}$/);
  expect(await password({})).not.toBe(await password({}));
  for (const PasswordLength of [0, 4097, 1.5]) {
    await expectException(password({ PasswordLength }), "ValidationException", "'PasswordLength'");
  }
});

test("UpdateSecretVersionStage refuses to move a label whose version is not named, and to take AWSCURRENT away", async () => {
  const { client, first } = await serverWithOneSecret();
  const second = await put(client, "v2", ["AWSPENDING"]);
  const update = (input: object) => {
    const all = { SecretId: "one", VersionStage: "AWSCURRENT", ...input };
    return client.send(new UpdateSecretVersionStageCommand(all));
  };
  const wrong = "it must be set to the version that currently has";
  for (const [input, message] of [
    [{ MoveToVersionId: second }, "RemoveFromVersionId can't be empty"],
    [{ MoveToVersionId: second, RemoveFromVersionId: second }, wrong],
    [{ VersionStage: "MINE", RemoveFromVersionId: first }, wrong],
    [{ RemoveFromVersionId: first }, "You can only move staging label AWSCURRENT"],
    [{}, "You must provide MoveToVersionId"],
  ] as const) {
    await expectException(update(input), "InvalidParameterException", message);
  }
  const unknown = update({ MoveToVersionId: randomUUID(), RemoveFromVersionId: first });
  await expectException(unknown, "ResourceNotFoundException", "value for VersionId");
  expect(await stagesOf(client)).toEqual({ [first]: ["AWSCURRENT"], [second]: ["AWSPENDING"] });
});
