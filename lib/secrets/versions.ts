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
export type SecretVersions = ReturnType<typeof openSecretVersions>;

/**
 * A secret's versions in Secrets Manager. All methods reject with SecretsUnavailable, whose cause is the
 * SDK's exception, and once the signal is aborted.
 *
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export function openSecretVersions(
  client: SecretsManagerClient,
  SecretId: string,
  signal?: AbortSignal,
) {
  const options = signal ? { abortSignal: signal } : {};

  return {
    /** Whether rotation is turned on, and the staging labels of each version that has any. */
    async describe() {
      const command = new DescribeSecretCommand({ SecretId });
      const found = await asked(client.send(command, options));
      const labels: ReadonlyMap<string, readonly string[]> = new Map(
        Object.entries(found.VersionIdsToStages ?? {}),
      );
      return { rotationEnabled: found.RotationEnabled === true, labels };
    },

    current,

    /** A version's value; undefined while there is none, as in a version that RotateSecret made. */
    async read(VersionId: string): Promise<string | Uint8Array | undefined> {
      try {
        const command = new GetSecretValueCommand({ SecretId, VersionId });
        const { SecretString, SecretBinary } = await asked(client.send(command, options));
        return SecretString ?? SecretBinary;
      } catch (error) {
        if (isNamed(error, "ResourceNotFoundException")) return undefined;
        throw error;
      }
    },

    /**
     * Stores a value as a version with one staging label, which leaves the version that had it. Safe to repeat;
     * refused (ResourceExistsException) where that version holds another value.
     */
    async put(ClientRequestToken: string, SecretString: string, label: string): Promise<void> {
      const fields = { SecretId, ClientRequestToken, SecretString, VersionStages: [label] };
      await asked(client.send(new PutSecretValueCommand(fields), options));
    },

    /**
     * Moves AWSCURRENT, and AWSPREVIOUS behind it, but only off the version `insteadOf`: compare and
     * set. Safe to repeat.
     *
     * @returns whether `versionId` is current; false when another version took that place first
     */
    async makeCurrent(versionId: string, insteadOf: string): Promise<boolean> {
      try {
        await moveLabel("AWSCURRENT", versionId, insteadOf);
        return true;
      } catch (error) {
        // Refused because AWSCURRENT is no longer where it was: another move came first, or it was
        // this one, and the response to its first attempt was lost.
        const now = await current();
        if (now.versionId === insteadOf) throw error;
        return now.versionId === versionId;
      }
    },

    moveLabel,

    /** That many random letters and digits, fit for a value to be. */
    async randomPassword(length: number): Promise<string> {
      const fields = { PasswordLength: length, ExcludePunctuation: true };
      const command = new GetRandomPasswordCommand(fields);
      return (await asked(client.send(command, options))).RandomPassword ?? "";
    },
  };

  /** The version labelled AWSCURRENT. */
  async function current(): Promise<SecretVersion> {
    const command = new GetSecretValueCommand({ SecretId, VersionStage: "AWSCURRENT" });
    const { VersionId = "", ...found } = await asked(client.send(command, options));
    return { versionId: VersionId, value: found.SecretString ?? found.SecretBinary ?? "" };
  }

  /** Moves a staging label to a version, off the version `from` that has it; without `to`, takes it off. */
  async function moveLabel(
    VersionStage: string,
    to: string | undefined,
    from: string | undefined,
  ): Promise<void> {
    const fields = { SecretId, VersionStage, MoveToVersionId: to, RemoveFromVersionId: from };
    await asked(client.send(new UpdateSecretVersionStageCommand(fields), options));
  }
}

async function asked<T>(response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    throw new SecretsUnavailable(error);
  }
}
