import {
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { isNamed, SecretsUnavailable } from "../errors.ts";
import type { SecretVersion } from "./values.ts";

/** The versions of one secret, as they are read and written when its value changes. */
export interface SecretVersions {
  /** Whether rotation is turned on, and the staging labels of each version that has any. */
  describe: () => Promise<{
    readonly rotationEnabled: boolean;
    readonly labels: ReadonlyMap<string, readonly string[]>;
  }>;
  /** The version labelled AWSCURRENT. */
  current: () => Promise<SecretVersion>;
  /** A version's value; undefined while there is none, as in a version that RotateSecret made. */
  read: (versionId: string) => Promise<string | Uint8Array | undefined>;
  /**
   * Stores a value as a version with one staging label, which leaves the version that had it. Safe
   * to repeat; refused (ResourceExistsException) where that version holds another value.
   */
  put: (versionId: string, value: string, label: string) => Promise<void>;
  /**
   * Moves AWSCURRENT, and AWSPREVIOUS behind it, but only off the version `insteadOf`: compare and
   * set. Safe to repeat.
   *
   * @returns whether `versionId` is current; false when another version took that place first
   */
  makeCurrent: (versionId: string, insteadOf: string) => Promise<boolean>;
  /** Moves a staging label to a version, off the version `from` that has it, if one does. */
  moveLabel: (label: string, to: string, from: string | undefined) => Promise<void>;
  /** Takes a staging label off a version. */
  removeLabel: (label: string, from: string) => Promise<void>;
  /** That many random letters and digits, fit for a value to be. */
  randomPassword: (length: number) => Promise<string>;
}

/**
 * A secret's versions in Secrets Manager. All methods reject with SecretsUnavailable, whose cause is the
 * SDK's exception, and once the signal is aborted.
 *
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export function openSecretVersions(
  client: SecretsManagerClient,
  secretId: string,
  signal?: AbortSignal,
): SecretVersions {
  const options = signal ? { abortSignal: signal } : {};

  async function describe() {
    const command = new DescribeSecretCommand({ SecretId: secretId });
    const { RotationEnabled, VersionIdsToStages = {} } = await asked(client.send(command, options));
    return {
      rotationEnabled: RotationEnabled === true,
      labels: new Map(Object.entries(VersionIdsToStages)),
    };
  }

  async function current(): Promise<SecretVersion> {
    const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: "AWSCURRENT" });
    const {
      VersionId = "",
      SecretString,
      SecretBinary,
    } = await asked(client.send(command, options));
    return { versionId: VersionId, value: SecretString ?? SecretBinary ?? "" };
  }

  async function read(versionId: string): Promise<string | Uint8Array | undefined> {
    try {
      const command = new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId });
      const { SecretString, SecretBinary } = await asked(client.send(command, options));
      return SecretString ?? SecretBinary;
    } catch (error) {
      if (isNamed(error, "ResourceNotFoundException")) return undefined;
      throw error;
    }
  }

  async function put(versionId: string, value: string, label: string): Promise<void> {
    const command = new PutSecretValueCommand({
      SecretId: secretId,
      ClientRequestToken: versionId,
      SecretString: value,
      VersionStages: [label],
    });
    await asked(client.send(command, options));
  }

  async function makeCurrent(versionId: string, insteadOf: string): Promise<boolean> {
    try {
      await updateStage("AWSCURRENT", versionId, insteadOf);
      return true;
    } catch (error) {
      // Refused because AWSCURRENT is no longer where it was: another move came first, or it was
      // this one, and the response to its first attempt was lost.
      const now = await current();
      if (now.versionId === insteadOf) throw error;
      return now.versionId === versionId;
    }
  }

  async function updateStage(VersionStage: string, to?: string, from?: string): Promise<void> {
    const command = new UpdateSecretVersionStageCommand({
      SecretId: secretId,
      VersionStage,
      ...(to !== undefined && { MoveToVersionId: to }),
      ...(from !== undefined && { RemoveFromVersionId: from }),
    });
    await asked(client.send(command, options));
  }

  async function randomPassword(length: number): Promise<string> {
    const command = new GetRandomPasswordCommand({
      PasswordLength: length,
      ExcludePunctuation: true,
    });
    const { RandomPassword = "" } = await asked(client.send(command, options));
    return RandomPassword;
  }

  return {
    describe,
    current,
    read,
    put,
    makeCurrent,
    moveLabel: updateStage,
    removeLabel: (label, from) => updateStage(label, undefined, from),
    randomPassword,
  };
}

async function asked<T>(response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    throw new SecretsUnavailable(error);
  }
}
