import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceNotFoundException,
  RotateSecretCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RotationEvent } from "../../local/secrets-manager/server.ts";
import { eventually } from "../support/eventually.ts";
import { startServer } from "./support.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:rotate";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => void vi.restoreAllMocks());

/** What was logged to the console as errors, parsed. */
const errorsLogged = () =>
  vi.mocked(console.error).mock.calls.map(([line]) => JSON.parse(line) as Record<string, unknown>);

/** A rotation function as AWS's template has it, through the SDK and the same server. */
async function rotate(client: SecretsManagerClient, event: RotationEvent): Promise<void> {
  const { SecretId, ClientRequestToken } = event;
  const { RotationEnabled, VersionIdsToStages = {} } = await client.send(
    new DescribeSecretCommand({ SecretId }),
  );
  if (!RotationEnabled) throw new Error("rotation is off");
  if (VersionIdsToStages[ClientRequestToken]?.includes("AWSCURRENT")) return;
  if (!VersionIdsToStages[ClientRequestToken]?.includes("AWSPENDING")) {
    throw new Error("not pending");
  }
  if (event.Step === "createSecret") {
    await createSecret(client, SecretId, ClientRequestToken);
  }
  if (event.Step === "finishSecret") {
    const current = Object.entries(VersionIdsToStages).find(([, s]) => s.includes("AWSCURRENT"));
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: "AWSCURRENT",
        MoveToVersionId: ClientRequestToken,
        RemoveFromVersionId: current?.[0],
      }),
    );
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: "AWSPENDING",
        RemoveFromVersionId: ClientRequestToken,
      }),
    );
  }
}

/** Makes the pending value unless an earlier try has. */
async function createSecret(
  client: SecretsManagerClient,
  SecretId: string,
  token: string,
): Promise<void> {
  const pending = { SecretId, VersionId: token, VersionStage: "AWSPENDING" };
  const read = await client
    .send(new GetSecretValueCommand(pending))
    .catch((reason: unknown) => reason);
  if (!(read instanceof ResourceNotFoundException)) return;
  await client.send(
    new PutSecretValueCommand({
      SecretId,
      ClientRequestToken: token,
      SecretString: `made for ${token}`,
      VersionStages: ["AWSPENDING"],
    }),
  );
}

/** A server with the secret `one` and a rotation function that fails as long as `fault` is set. */
async function serverThatRotates() {
  const events: [string, RotationEvent][] = [];
  const controls: { fault: ((event: RotationEvent) => void) | undefined } = { fault: undefined };
  const server = await startServer({
    invoke: async (functionName, event) => {
      events.push([functionName, event]);
      controls.fault?.(event);
      await rotate(server.client, event);
    },
  });
  const { client } = server;
  const created = await client.send(new CreateSecretCommand({ Name: "one", SecretString: "v1" }));
  const describeOne = () => client.send(new DescribeSecretCommand({ SecretId: "one" }));
  const rotateOne = (input: object = {}) =>
    client.send(new RotateSecretCommand({ SecretId: "one", RotationLambdaARN: LAMBDA, ...input }));
  const rotated = () => eventually(async () => (await describeOne()).LastRotatedDate !== undefined);
  const steps = () => events.map(([, { Step }]) => Step);
  return { ...server, controls, events, steps, describeOne, rotateOne, rotated, created };
}

describe("RotateSecret", () => {
  test("runs the function's four steps in order and makes the new version current", async () => {
    const { client, created, events, describeOne, rotateOne, rotated } = await serverThatRotates();
    const { VersionId = "", ARN } = await rotateOne();
    await rotated();
    expect(events).toEqual(
      ["createSecret", "setSecret", "testSecret", "finishSecret"].map((Step) => [
        LAMBDA,
        { Step, SecretId: ARN, ClientRequestToken: VersionId },
      ]),
    );
    expect(await describeOne()).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN: LAMBDA,
      VersionIdsToStages: {
        [created.VersionId ?? ""]: ["AWSPREVIOUS"],
        [VersionId]: ["AWSCURRENT"],
      },
    });
    const value = await client.send(new GetSecretValueCommand({ SecretId: "one" }));
    expect(value.SecretString).toBe(`made for ${VersionId}`);
  });

  test("responds before the function has run, with a pending version that has no value", async () => {
    let isRunning = false;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { client } = await startServer({
      invoke: () => {
        isRunning = true;
        return released;
      },
    });
    await client.send(new CreateSecretCommand({ Name: "one", SecretString: "v1" }));
    const input = { SecretId: "one", RotationLambdaARN: LAMBDA };
    const { VersionId = "" } = await client.send(new RotateSecretCommand(input));
    await eventually(() => isRunning);
    const described = await client.send(new DescribeSecretCommand({ SecretId: "one" }));
    expect(described.VersionIdsToStages?.[VersionId]).toEqual(["AWSPENDING"]);
    const read = client.send(new GetSecretValueCommand({ SecretId: "one", VersionId }));
    await expect(read).rejects.toBeInstanceOf(ResourceNotFoundException);
    const becomeCurrent = client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: "one",
        VersionStage: "AWSCURRENT",
        MoveToVersionId: VersionId,
        RemoveFromVersionId: Object.keys(described.VersionIdsToStages ?? {})[0],
      }),
    );
    await expect(becomeCurrent).rejects.toBeInstanceOf(InvalidRequestException);
    release();
  });

  test("remembers the function for the next time", async () => {
    const { describeOne, events, rotateOne, rotated } = await serverThatRotates();
    await rotateOne();
    await rotated();
    await rotateOne({ RotationLambdaARN: undefined });
    await eventually(() => vi.mocked(console.log).mock.calls.length === 2);
    expect(events).toHaveLength(8);
    expect(await describeOne()).toMatchObject({ RotationLambdaARN: LAMBDA });
  });

  test("refuses a secret that has no function", async () => {
    const { rotateOne, describeOne } = await serverThatRotates();
    const error = await rotateOne({ RotationLambdaARN: undefined }).catch((reason) => reason);
    expect(error).toBeInstanceOf(InvalidRequestException);
    expect(error.message).toBe("No Lambda rotation function ARN is associated with this secret.");
    expect(await describeOne()).not.toHaveProperty("RotationEnabled");
  });

  test("once more with the same token is the same rotation", async () => {
    const { rotateOne, rotated, steps } = await serverThatRotates();
    const ClientRequestToken = randomUUID();
    await Promise.all([rotateOne({ ClientRequestToken }), rotateOne({ ClientRequestToken })]);
    await rotated();
    expect((await rotateOne({ ClientRequestToken })).VersionId).toBe(ClientRequestToken);
    expect(steps()).toHaveLength(4);
  });

  test("refuses the token of a version that no rotation made", async () => {
    const { client, created, rotateOne } = await serverThatRotates();
    await client.send(new PutSecretValueCommand({ SecretId: "one", SecretString: "v2" }));
    const sent = rotateOne({ ClientRequestToken: created.VersionId });
    await expect(sent).rejects.toBeInstanceOf(InvalidRequestException);
  });

  test.each<[string, object]>([
    ["RotateImmediately", { RotateImmediately: false }],
    ["RotationRules", { RotationRules: { AutomaticallyAfterDays: 30 } }],
  ])("refuses %s, which it does not support", async (name, input) => {
    const { rotateOne } = await serverThatRotates();
    await expect(rotateOne(input)).rejects.toThrow(name);
  });
});

describe("a rotation that fails", () => {
  test.each(["createSecret", "setSecret", "testSecret", "finishSecret"])(
    "at %s stops there, leaves AWSCURRENT, and is taken up by the next RotateSecret",
    async (failing) => {
      const { controls, created, describeOne, rotateOne, rotated, steps } =
        await serverThatRotates();
      controls.fault = ({ Step }) => {
        if (Step === failing) throw new Error("no luck");
      };
      const { VersionId = "" } = await rotateOne();
      await eventually(() => errorsLogged().length > 0);
      expect(steps().at(-1)).toBe(failing);
      expect(errorsLogged()).toEqual([
        {
          event: "rotation",
          secret: "one",
          versionId: VersionId,
          outcome: "failed",
          step: failing,
          reason: "no luck",
        },
      ]);
      expect(await describeOne()).toMatchObject({
        VersionIdsToStages: {
          [created.VersionId ?? ""]: ["AWSCURRENT"],
          [VersionId]: ["AWSPENDING"],
        },
      });

      controls.fault = undefined;
      const again = await rotateOne().catch((reason) => reason);
      expect(again).toBeInstanceOf(InvalidRequestException);
      expect(again.message).toBe(
        "A previous rotation isn't complete. That rotation will be reattempted.",
      );
      await rotated();
      expect((await describeOne()).VersionIdsToStages).toEqual({
        [created.VersionId ?? ""]: ["AWSPREVIOUS"],
        [VersionId]: ["AWSCURRENT"],
      });
    },
  );

  test("when the function ends well without making the version current", async () => {
    const { client } = await startServer({ invoke: async () => undefined });
    await client.send(new CreateSecretCommand({ Name: "one", SecretString: "v1" }));
    await client.send(new RotateSecretCommand({ SecretId: "one", RotationLambdaARN: LAMBDA }));
    await eventually(() => errorsLogged().length > 0);
    expect(errorsLogged()[0]?.reason).toContain("did not make the new version AWSCURRENT");
    const described = await client.send(new DescribeSecretCommand({ SecretId: "one" }));
    expect(described).not.toHaveProperty("LastRotatedDate");
  });
});
