import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  ListSecretVersionIdsCommand,
  RotateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { expectException, put, serverWithOneSecret, startServer } from "./support.ts";

test("lists the labelled versions, and the deprecated ones when asked", async () => {
  const { client, first } = await serverWithOneSecret();
  const second = await put(client, "v2");
  const third = await put(client, "v3");
  const list = async (IncludeDeprecated?: boolean) => {
    const command = new ListSecretVersionIdsCommand({ SecretId: "one", IncludeDeprecated });
    const { Versions = [] } = await client.send(command);
    return Versions.map(({ VersionId, VersionStages }) => [VersionId, VersionStages]);
  };
  const labelled = [
    [second, ["AWSPREVIOUS"]],
    [third, ["AWSCURRENT"]],
  ];
  expect(await list()).toEqual(labelled);
  expect(await list(true)).toEqual([[first, undefined], ...labelled]);
});

test("lists all versions at once, and refuses to page", async () => {
  const { client } = await serverWithOneSecret();
  for (let n = 2; n <= 102; n++) await put(client, `v${n}`);
  const request = { SecretId: "one", IncludeDeprecated: true };
  const { Versions, NextToken } = await client.send(new ListSecretVersionIdsCommand(request));
  expect([Versions?.length, NextToken]).toEqual([102, undefined]);
  const paged = client.send(new ListSecretVersionIdsCommand({ ...request, MaxResults: 2 }));
  await expectException(paged, InvalidParameterException, "does not support MaxResults");
});

test("shows no rotation and no value before there is one", async () => {
  const { client } = await startServer({ now: () => 1_700_000_000_500 });
  await client.send(new CreateSecretCommand({ Name: "one" }));
  const described = await client.send(new DescribeSecretCommand({ SecretId: "one" }));
  expect(described).toMatchObject({
    Name: "one",
    CreatedDate: new Date(1_700_000_000_500),
    LastChangedDate: new Date(1_700_000_000_500),
  });
  for (const absent of ["RotationEnabled", "RotationLambdaARN", "VersionIdsToStages"]) {
    expect(described).not.toHaveProperty(absent);
  }
});

test("onRequest is told of each operation and its input", async () => {
  const seen: string[] = [];
  const { client } = await startServer({
    onRequest: (operation, input) => seen.push(`${operation} ${input.SecretId ?? input.Name}`),
  });
  await client.send(new CreateSecretCommand({ Name: "one", SecretString: "v1" }));
  await client.send(new GetSecretValueCommand({ SecretId: "one" }));
  await expect(client.send(new RotateSecretCommand({ SecretId: "two" }))).rejects.toThrow();
  expect(seen).toEqual(["CreateSecret one", "GetSecretValue one", "RotateSecret two"]);
});
