import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidNextTokenException,
  ListSecretVersionIdsCommand,
  paginateListSecretVersionIds,
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

test("pages, and refuses a token of its own making", async () => {
  const { client } = await serverWithOneSecret();
  for (let n = 2; n <= 5; n++) await put(client, `v${n}`);
  const pages: number[] = [];
  const request = { SecretId: "one", IncludeDeprecated: true };
  for await (const page of paginateListSecretVersionIds({ client, pageSize: 2 }, request)) {
    pages.push(page.Versions?.length ?? 0);
  }
  expect(pages).toEqual([2, 2, 1]);
  const sent = client.send(new ListSecretVersionIdsCommand({ ...request, NextToken: "x" }));
  await expectException(sent, InvalidNextTokenException, "NextToken");
});

test("shows no rotation and no value before there is one", async () => {
  const { client } = await startServer({ now: () => 1_700_000_000_500 });
  await client.send(new CreateSecretCommand({ Name: "one", Description: "the first" }));
  const described = await client.send(new DescribeSecretCommand({ SecretId: "one" }));
  expect(described).toMatchObject({
    Name: "one",
    Description: "the first",
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
