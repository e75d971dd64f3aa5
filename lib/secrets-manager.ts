import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { ReadSecret } from "./keyring.ts";

/** Reads secrets with the SDK. */
export function createSecretReader(): ReadSecret {
  const client = new SecretsManagerClient({ maxAttempts: 2 });
  return async (secretId, versionStage, signal) => {
    const { SecretString, SecretBinary } = await client.send(
      new GetSecretValueCommand({ SecretId: secretId, VersionStage: versionStage }),
      { abortSignal: signal },
    );
    return SecretString ?? SecretBinary ?? "";
  };
}
