import type { SecretsManagerRotationEvent, SecretsManagerRotationEventStep } from "aws-lambda";
import { isNamed, StepRefused } from "../errors.ts";
import { SESSION, sign, verify } from "../tokens/formats.ts";
import { deriveSessionKey, sha256 } from "../tokens/keys.ts";
import { inFormOf, parseHmacKey } from "./values.ts";
import type { SecretVersions } from "./versions.ts";

/** Letters and digits of a new key: 381 bits. */
const KEY_LENGTH = 64;

/**
 * The staging label of the version that a rotation made current last. AWSPENDING stays on that
 * version, so that without this label one that was rolled back would look like one to be finished.
 */
export const ROTATED = "ROTATED";

/** In the order in which Secrets Manager asks for them. */
export const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

/**
 * What Secrets Manager sends the rotation function for each step.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
 *
 * @throws StepRefused naming the field that is missing or wrong, and what was found
 */
export function parseRotationEvent(event: unknown): SecretsManagerRotationEvent {
  const fields: Record<string, unknown> = Object(event);
  const text = (field: keyof SecretsManagerRotationEvent): string => {
    const value = fields[field];
    if (typeof value === "string" && value !== "") return value;
    throw new StepRefused(`the event's ${field} is ${show(value)}; it must be a string`);
  };
  const SecretId = text("SecretId");
  const ClientRequestToken = text("ClientRequestToken");
  const name = text("Step");
  const step = STEPS.find((known) => known === name);
  if (step === undefined) {
    const allowed = STEPS.join(", ");
    throw new StepRefused(`the event's Step is ${show(name)}; it must be one of ${allowed}`);
  }
  return { Step: step, SecretId, ClientRequestToken };
}

function show(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value).slice(0, 80);
}

/**
 * Takes one step of the HMAC key's rotation. Each is safe to repeat, and looks at the secret, never
 * at what the step before it may have done: a rotation that was interrupted continues from any step.
 *
 * @param versionId the version that is to become current
 * @throws StepRefused, UnusableSecret, and the SDK's exceptions; then the key is what it was
 */
export async function takeStep(
  step: SecretsManagerRotationEventStep,
  versionId: string,
  secret: SecretVersions,
): Promise<void> {
  const { rotationEnabled, labels } = await secret.describe();
  if (!rotationEnabled) throw new StepRefused("rotation is not turned on for this secret");
  const found = labels.get(versionId);
  if (found === undefined) {
    throw new StepRefused(`the secret has no version ${versionId} with a staging label`);
  }
  // Finished, and asked for once more.
  if (found.includes("AWSCURRENT")) return markRotated(versionId, secret, labels);
  if (!found.includes("AWSPENDING")) {
    throw new StepRefused(
      `version ${versionId} is labelled ${found.join(", ")}; ${step} needs one labelled AWSPENDING`,
    );
  }
  if (found.includes("AWSPREVIOUS") || found.includes(ROTATED)) {
    await secret.moveLabel("AWSPENDING", undefined, versionId);
    throw new StepRefused(
      `version ${versionId} has been current before, and is not made current again. Its label ` +
        "AWSPENDING is removed: the next rotation makes a new key",
    );
  }
  switch (step) {
    case "createSecret":
      return createSecret(versionId, secret);
    case "setSecret":
      // No service holds a copy of the key that would have to be told: all who use it read it here.
      await readPending(versionId, secret);
      return;
    case "testSecret":
      await testSecret(versionId, secret);
      return;
    case "finishSecret":
      await finishSecret(versionId, secret);
      return markRotated(versionId, secret, labels);
  }
}

async function markRotated(
  versionId: string,
  secret: SecretVersions,
  labels: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const [marked] = [...labels].find(([, found]) => found.includes(ROTATED)) ?? [];
  if (marked !== versionId) await secret.moveLabel(ROTATED, versionId, marked);
}

async function createSecret(versionId: string, secret: SecretVersions): Promise<void> {
  if ((await secret.read(versionId)) !== undefined) return;
  const { value } = await secret.current();
  // Parsed, so that no unusable key is ever stored.
  const key = parseHmacKey(await secret.randomPassword(KEY_LENGTH));
  try {
    await secret.put(versionId, inFormOf(value, "key", key), "AWSPENDING");
  } catch (error) {
    // The same step, asked for twice at the same time: the other's key is as good as this one.
    if (!isNamed(error, "ResourceExistsException")) throw error;
  }
}

async function readPending(
  versionId: string,
  secret: SecretVersions,
): Promise<string | Uint8Array> {
  const pending = await secret.read(versionId);
  if (pending === undefined) {
    throw new StepRefused(`version ${versionId} has no value yet: createSecret comes first`);
  }
  return pending;
}

/**
 * That tokens can be signed and verified with the pending key. It may equal the current one here:
 * where a deployment turns rotation on, Secrets Manager tries this step with a copy of it.
 *
 * @returns the pending value
 */
async function testSecret(versionId: string, secret: SecretVersions): Promise<string | Uint8Array> {
  const pending = await readPending(versionId, secret);
  // The master token does not matter here, and this function may not read the real one.
  const key = deriveSessionKey(parseHmacKey(pending), sha256("any"));
  const verdict = verify(SESSION, key, sign(SESSION, key, 2), 1);
  if (!verdict.ok) throw new StepRefused(`a token of the pending key is ${verdict.reason}`);
  return pending;
}

async function finishSecret(versionId: string, secret: SecretVersions): Promise<void> {
  // Once more, since a step can come out of turn: no untested key becomes current.
  const pending = await testSecret(versionId, secret);
  const current = await secret.current();
  // The same step, asked for twice at the same time: the other was faster.
  if (current.versionId === versionId) return;
  if (pending === current.value) {
    throw new StepRefused(`version ${versionId} holds the key that is current already`);
  }
  // AWSPENDING stays: to remove it apart tells Secrets Manager that the rotation failed.
  if (!(await secret.makeCurrent(versionId, current.versionId))) {
    throw new StepRefused(`another version than ${versionId} has just become AWSCURRENT`);
  }
}
