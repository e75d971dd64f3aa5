import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** Any value is valid: the embedded Secrets Manager does not check signatures. */
export const SECRET_ACCESS_KEY = "local";

/**
 * The SDK's client for the embedded Secrets Manager. The caller destroys it.
 *
 * @param accessKeyId the one that the embedded Secrets Manager accepts
 */
export function createLocalClient(endpoint: string, accessKeyId: string): SecretsManagerClient {
  // The SDK's warning about Node 20 would be printed at every start; on AWS the functions run on Node 24.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  return new SecretsManagerClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY },
  });
}
