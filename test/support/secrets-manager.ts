import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { startSecretsManager } from "../../local/secrets-manager/server.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "./secret-store.ts";
import { HMAC_KEY, MASTER_TOKEN } from "./tokens.ts";

/** What Lambda gives a function beside its settings; the credentials are invented. */
export const AWS_ENVIRONMENT = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "AKIDTEST",
  AWS_SECRET_ACCESS_KEY: "test",
};

// The suite also runs on Node 20, where the SDK's client would warn in each test's output.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

type Value = string | Uint8Array;

/** The embedded Secrets Manager with the two secrets in it, on a free port. */
export interface TestSecretsManager {
  url: string;
  /** Each GetSecretValue so far, as `<secret id> <staging label>`. */
  reads: string[];
  /** A new version: AWSCURRENT moves to it, and AWSPREVIOUS to the one before it. */
  putMasterToken: (value: Value) => Promise<void>;
  putHmacKey: (value: Value) => Promise<void>;
  close: () => Promise<void>;
}

/** Starts it; `close` ends it. */
export async function openTestSecretsManager(): Promise<TestSecretsManager> {
  const reads: string[] = [];
  const { url, close } = await startSecretsManager({
    accessKeyId: AWS_ENVIRONMENT.AWS_ACCESS_KEY_ID,
    onRequest: (operation, { SecretId, VersionStage }) => {
      if (operation === "GetSecretValue") reads.push(`${SecretId} ${VersionStage}`);
    },
  });
  const client = new SecretsManagerClient({
    endpoint: url,
    region: AWS_ENVIRONMENT.AWS_REGION,
    credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "test" },
  });
  const create = (Name: string, SecretString: string) =>
    client.send(new CreateSecretCommand({ Name, SecretString }));
  const put = async (SecretId: string, value: Value) => {
    const field = typeof value === "string" ? { SecretString: value } : { SecretBinary: value };
    await client.send(new PutSecretValueCommand({ SecretId, ...field }));
  };
  await create(MASTER_TOKEN_SECRET_ID, MASTER_TOKEN);
  await create(HMAC_KEY_SECRET_ID, HMAC_KEY);

  return {
    url,
    reads,
    putMasterToken: (value) => put(MASTER_TOKEN_SECRET_ID, value),
    putHmacKey: (value) => put(HMAC_KEY_SECRET_ID, value),
    close: async () => {
      client.destroy();
      await close();
    },
  };
}
