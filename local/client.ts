import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** Any will do: the embedded Secrets Manager checks none. */
export const DUMMY_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

/** The SDK's client for the embedded Secrets Manager. The caller destroys it. */
export function createLocalClient(endpoint: string): SecretsManagerClient {
  // The SDK's advice to leave Node 20, on every start; on AWS the functions run on another.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  return new SecretsManagerClient({
    endpoint,
    region: "us-east-1",
    credentials: DUMMY_CREDENTIALS,
  });
}
