import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  ResourceNotFoundException,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { expectException, put, serverWithOneSecret, startServer } from "./support.ts";

test("finds a secret by name, by ARN, and by ARN without its random end", async () => {
  const { client, arn, first } = await serverWithOneSecret();
  for (const SecretId of ["one", arn, arn.slice(0, -7)]) {
    const value = await client.send(new GetSecretValueCommand({ SecretId }));
    expect(value).toMatchObject({
      ARN: arn,
      Name: "one",
      VersionId: first,
      SecretString: "v1",
      VersionStages: ["AWSCURRENT"],
    });
    expect(value.CreatedDate).toBeInstanceOf(Date);
  }
});

test("finds a version by label, by id, and by both when they agree", async () => {
  const { client, first } = await serverWithOneSecret();
  const second = await put(client, "v2");
  const read = async (which: { VersionId?: string; VersionStage?: string }) =>
    (await client.send(new GetSecretValueCommand({ SecretId: "one", ...which }))).SecretString;
  expect(await read({})).toBe("v2");
  expect(await read({ VersionStage: "AWSPREVIOUS" })).toBe("v1");
  expect(await read({ VersionId: first })).toBe("v1");
  expect(await read({ VersionId: second, VersionStage: "AWSCURRENT" })).toBe("v2");
});

test("refuses an id and a label of two versions", async () => {
  const { client, first } = await serverWithOneSecret();
  await put(client, "v2");
  await expectException(
    client.send(
      new GetSecretValueCommand({
        SecretId: "one",
        VersionId: first,
        VersionStage: "AWSCURRENT",
      }),
    ),
    InvalidRequestException,
    "You provided a VersionStage that is not associated to the provided VersionId.",
  );
});

test("says what is not there: the secret, the label, the version", async () => {
  const { client } = await serverWithOneSecret();
  const VersionId = randomUUID();
  await expectException(
    client.send(new GetSecretValueCommand({ SecretId: "two" })),
    ResourceNotFoundException,
    "Secrets Manager can't find the specified secret.",
  );
  await expectException(
    client.send(new GetSecretValueCommand({ SecretId: "one", VersionStage: "AWSPREVIOUS" })),
    ResourceNotFoundException,
    "Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS",
  );
  await expectException(
    client.send(new GetSecretValueCommand({ SecretId: "one", VersionId })),
    ResourceNotFoundException,
    `Secrets Manager can't find the specified secret value for VersionId: ${VersionId}`,
  );
});

test("gives binary values back byte by byte, and strings of any characters", async () => {
  const { client } = await startServer();
  const SecretBinary = new Uint8Array([0, 1, 2, 254, 255]);
  const SecretString = '{"key":"\u0000\u2028\u{1f511}\\"}';
  await client.send(new CreateSecretCommand({ Name: "binary", SecretBinary }));
  await client.send(new CreateSecretCommand({ Name: "text", SecretString }));
  const binary = await client.send(new GetSecretValueCommand({ SecretId: "binary" }));
  const text = await client.send(new GetSecretValueCommand({ SecretId: "text" }));
  expect(binary.SecretBinary).toEqual(SecretBinary);
  expect(binary.SecretString).toBeUndefined();
  expect(text.SecretString).toBe(SecretString);
});
