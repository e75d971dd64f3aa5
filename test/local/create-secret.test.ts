import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  ResourceExistsException,
  ResourceNotFoundException,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { expectException, put, serverWithOneSecret, stagesOf, startServer } from "./support.ts";

test("makes a secret whose ARN ends in its name and six random characters", async () => {
  const { client } = await startServer();
  const create = (Name: string) =>
    client.send(new CreateSecretCommand({ Name, SecretString: "v1" }));
  const one = await create("path/to/one");
  expect(one.ARN).toMatch(
    /^arn:aws:secretsmanager:us-east-1:\d{12}:secret:path\/to\/one-[A-Za-z0-9]{6}$/,
  );
  expect(one.Name).toBe("path/to/one");
  expect(one.VersionId).toMatch(/^[0-9a-f-]{36}$/);
});

test("is idempotent with the same token and value, and refuses the token with another", async () => {
  const { client } = await startServer();
  const input = { Name: "one", SecretString: "v1", ClientRequestToken: randomUUID() };
  const first = await client.send(new CreateSecretCommand(input));
  const again = await client.send(new CreateSecretCommand(input));
  expect([again.ARN, again.VersionId]).toEqual([first.ARN, first.VersionId]);
  await expectException(
    client.send(new CreateSecretCommand({ ...input, SecretString: "v2" })),
    ResourceExistsException,
    `You can't use ClientRequestToken ${input.ClientRequestToken} because that value is already in use for a version of secret ${first.ARN}.`,
  );
});

test("refuses a name that is taken", async () => {
  const { client } = await serverWithOneSecret();
  await expectException(
    client.send(new CreateSecretCommand({ Name: "one", SecretString: "v1" })),
    ResourceExistsException,
    "The operation failed because the secret one already exists.",
  );
});

test("makes a secret without a value, whose first value is AWSCURRENT whatever its labels", async () => {
  const { client } = await startServer();
  const created = await client.send(new CreateSecretCommand({ Name: "one" }));
  expect(created.VersionId).toBeUndefined();
  await expectException(
    client.send(new GetSecretValueCommand({ SecretId: "one" })),
    ResourceNotFoundException,
    "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  );
  const version = await put(client, "v1", ["MINE"]);
  expect(await stagesOf(client)).toEqual({ [version]: ["AWSCURRENT", "MINE"] });
});

test.each<[string, object]>([
  ["KmsKeyId", { KmsKeyId: "k" }],
  ["Description", { Description: "d" }],
  ["Tags", { Tags: [] }],
])("refuses %s rather than ignoring it", async (name, input) => {
  const { client } = await startServer();
  await expectException(
    client.send(new CreateSecretCommand({ Name: "one", SecretString: "v", ...input })),
    InvalidParameterException,
    `The embedded Secrets Manager does not support ${name}.`,
  );
});

test.each(["with space", "ünïcode", "semi;colon", ""])("refuses the name %j", async (Name) => {
  const { client } = await startServer();
  const sent = client.send(new CreateSecretCommand({ Name, SecretString: "v" }));
  await expect(sent).rejects.toMatchObject({ name: "ValidationException" });
});
