import {
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from "@aws-sdk/client-secrets-manager";
import { readAwsEnvironment } from "./aws-environment.ts";

/**
 * The SDK's client, for the functions that are rare. It asks the same endpoint as the hot functions, also where the
 * operator's settings name one that the SDK refuses beside FIPS or dual stack.
 *
 * @throws Error when Lambda's own settings are missing (lib/secrets/aws-environment.ts)
 */
export function createSecretsManagerClient(
  config: SecretsManagerClientConfig = {},
): SecretsManagerClient {
  const { region, endpoint } = readAwsEnvironment();
  return new SecretsManagerClient({
    ...config,
    region,
    endpoint: endpoint.href,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  });
}
