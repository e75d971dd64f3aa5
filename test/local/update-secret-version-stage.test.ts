import { randomUUID } from "node:crypto";
import {
  InvalidParameterException,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { expectException, put, serverWithOneSecret, stagesOf } from "./support.ts";

const update = (client: SecretsManagerClient, input: object) =>
  client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: "one",
      VersionStage: "AWSCURRENT",
      ...input,
    }),
  );

test("moves AWSCURRENT, takes AWSPREVIOUS along, and leaves AWSPENDING", async () => {
  const { client, arn, first } = await serverWithOneSecret();
  const second = await put(client, "v2", ["AWSPENDING"]);
  const output = await update(client, { MoveToVersionId: second, RemoveFromVersionId: first });
  expect(output).toMatchObject({ ARN: arn, Name: "one" });
  expect(await stagesOf(client)).toEqual({
    [first]: ["AWSPREVIOUS"],
    [second]: ["AWSCURRENT", "AWSPENDING"],
  });
});

test("rolls back: the version that was AWSPREVIOUS is AWSCURRENT, and the other way about", async () => {
  const { client, first } = await serverWithOneSecret();
  const second = await put(client, "v2");
  await update(client, { MoveToVersionId: first, RemoveFromVersionId: second });
  expect(await stagesOf(client)).toEqual({ [first]: ["AWSCURRENT"], [second]: ["AWSPREVIOUS"] });
});

test("adds and removes a label of one's own, and touches no other", async () => {
  const { client, first } = await serverWithOneSecret();
  const second = await put(client, "v2");
  await update(client, { VersionStage: "MINE", MoveToVersionId: first });
  expect(await stagesOf(client)).toEqual({
    [first]: ["AWSPREVIOUS", "MINE"],
    [second]: ["AWSCURRENT"],
  });
  await update(client, { VersionStage: "MINE", RemoveFromVersionId: first });
  expect(await stagesOf(client)).toEqual({ [first]: ["AWSPREVIOUS"], [second]: ["AWSCURRENT"] });
});

test("does nothing when the label is already there", async () => {
  const { client, first } = await serverWithOneSecret();
  await update(client, { MoveToVersionId: first });
  expect(await stagesOf(client)).toEqual({ [first]: ["AWSCURRENT"] });
});

test("moves no label whose present version is not named", async () => {
  const { client, first } = await serverWithOneSecret();
  const second = await put(client, "v2", ["AWSPENDING"]);
  await expectException(
    update(client, { MoveToVersionId: second }),
    InvalidParameterException,
    `The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${first}, so you must explicitly reference that version in RemoveFromVersionId.`,
  );
  await expectException(
    update(client, { MoveToVersionId: second, RemoveFromVersionId: second }),
    InvalidParameterException,
    "it must be set to the version that currently has the staging label AWSCURRENT",
  );
  expect(await stagesOf(client)).toEqual({ [first]: ["AWSCURRENT"], [second]: ["AWSPENDING"] });
});

test("refuses to take AWSCURRENT away, an unknown version, a request that moves nothing", async () => {
  const { client, first } = await serverWithOneSecret();
  await expectException(
    update(client, { RemoveFromVersionId: first }),
    InvalidParameterException,
    "You can only move staging label AWSCURRENT to a different secret version.",
  );
  await expectException(
    update(client, { MoveToVersionId: randomUUID(), RemoveFromVersionId: first }),
    ResourceNotFoundException,
    "can't find the specified secret value for VersionId",
  );
  await expectException(update(client, {}), InvalidParameterException, "MoveToVersionId");
  await expectException(
    update(client, { VersionStage: "MINE", RemoveFromVersionId: first }),
    InvalidParameterException,
    "not attached",
  );
});
