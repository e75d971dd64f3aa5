import type {
  SecretsManagerClient,
  ServiceInputTypes,
  ServiceOutputTypes,
} from "@aws-sdk/client-secrets-manager";
import type { InitializeMiddleware } from "@smithy/types";
import { describe, expect, test } from "vitest";
import { createRotate } from "../../lib/functions/rotate.ts";
import { openSecretVersions } from "../../lib/secrets/versions.ts";
import { startLossyProxy } from "../support/lossy-proxy.ts";
import { HMAC_KEY_SECRET_ID } from "../support/secret-store.ts";
import { beginRotation, openSecrets, versionLabelled, versionsOf } from "../support/secrets.ts";
import { HMAC_KEY } from "../support/tokens.ts";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

/** What a whole rotation asks of Secrets Manager, step by step. */
const CALLS = [
  ...["DescribeSecret", "GetSecretValue", "GetSecretValue", "GetRandomPassword", "PutSecretValue"],
  ...["DescribeSecret", "GetSecretValue"],
  ...["DescribeSecret", "GetSecretValue"],
  ...["DescribeSecret", "GetSecretValue", "GetSecretValue", "UpdateSecretVersionStage"],
  "UpdateSecretVersionStage",
];

/** How the function ends at a call: before it is sent, or before its response is there. */
type Death = "before it" | "after it, its response lost";

/** A client that makes so many calls, and then, like a process that was killed, none. */
function mortalClient(client: SecretsManagerClient, callsToLive: number, death: Death) {
  const calls: string[] = [];
  const die: InitializeMiddleware<ServiceInputTypes, ServiceOutputTypes> =
    (next, { commandName = "" }) =>
    async (args) => {
      calls.push(commandName.replace(/Command$/, ""));
      const isLast = calls.length === callsToLive;
      if (calls.length > callsToLive || (isLast && death === "before it")) {
        throw new Error("killed");
      }
      const result = await next(args);
      if (isLast) throw new Error("killed");
      return result;
    };
  client.middlewareStack.add(die, { step: "initialize" });
  return { client, calls };
}

/** Secrets Manager's part: the steps in turn, from one of them on, until one fails. */
async function runSteps(
  client: SecretsManagerClient,
  versionId: string,
  from: number,
): Promise<number> {
  const handler = createRotate({
    open: (id) => openSecretVersions(client, id),
    log: () => undefined,
  });
  for (const [index, Step] of STEPS.entries()) {
    if (index < from) continue;
    const event = { Step, SecretId: HMAC_KEY_SECRET_ID, ClientRequestToken: versionId };
    const failed = await handler(event).then(
      () => false,
      () => true,
    );
    if (failed) return index;
  }
  return STEPS.length;
}

async function openRotation() {
  const secrets = await openSecrets();
  return { ...secrets, versionId: await beginRotation(secrets.client) };
}

/** The secret's versions, where the rotated one is called "new" and a new key "new key". */
async function stateOf(client: SecretsManagerClient, versionId: string) {
  const versions = await versionsOf(client, HMAC_KEY_SECRET_ID);
  return versions
    .map(({ versionId: id, labels, value }) => ({
      version: id === versionId ? "new" : "old",
      labels,
      value: /^[A-Za-z0-9]{64}$/.test(value ?? "") ? "new key" : value,
    }))
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}

type State = Awaited<ReturnType<typeof stateOf>>;

async function runUndisturbed(): Promise<State> {
  const { client, newClient, versionId } = await openRotation();
  const immortal = mortalClient(newClient(), Number.POSITIVE_INFINITY, "before it");
  await runSteps(immortal.client, versionId, 0);
  expect(immortal.calls).toEqual(CALLS);
  return stateOf(client, versionId);
}

let undisturbed: Promise<State> | undefined;

/** Where a rotation that nothing disturbs ends. */
function finished(): Promise<State> {
  undisturbed ??= runUndisturbed();
  return undisturbed;
}

test("a rotation that nothing disturbs makes a new key current, and the old one previous", async () => {
  const state = await finished();
  const has = (label: string) => state.filter(({ labels }) => labels.includes(label));
  expect(has("AWSCURRENT")).toMatchObject([{ version: "new", value: "new key" }]);
  expect(has("AWSPREVIOUS")).toMatchObject([{ version: "old", value: HMAC_KEY }]);
});

const POINTS = CALLS.flatMap((call, index) =>
  (["before it", "after it, its response lost"] as const).map((death) => ({
    at: `call ${index + 1}, ${call}, ${death}`,
    callsToLive: index + 1,
    death,
  })),
);

describe.each(POINTS)("killed at $at", ({ callsToLive, death }) => {
  test.each(["from the first step", "from the step that failed"])(
    "a rotation leaves a usable key, and started again %s ends in the same state",
    async (restart) => {
      const { client, newClient, versionId } = await openRotation();
      const mortal = mortalClient(newClient(), callsToLive, death);
      const failedStep = await runSteps(mortal.client, versionId, 0);
      expect(failedStep).toBeLessThan(STEPS.length);
      const { value } = await versionLabelled(client, HMAC_KEY_SECRET_ID, "AWSCURRENT");
      expect(value).toMatch(/^[A-Za-z0-9]{48,64}$/);

      const from = restart === "from the first step" ? 0 : failedStep;
      expect(await runSteps(newClient(), versionId, from)).toBe(STEPS.length);
      expect(await stateOf(client, versionId)).toEqual(await finished());
    },
  );
});

test.each(CALLS.map((call, index) => [call, index + 1] as const))(
  "the response to %s, call %i, lost once: the SDK asks again, and the rotation goes through",
  async (_call, lostAt) => {
    const { client, url, newClient, versionId } = await openRotation();
    const lossy = newClient(await startLossyProxy(url, lostAt));
    expect(await runSteps(lossy, versionId, 0)).toBe(STEPS.length);
    expect(await stateOf(client, versionId)).toEqual(await finished());
  },
);
