import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const environment = process.env;

/**
 * The same two reads by the SDK's client, told all that it would otherwise look up: no file of
 * settings is read, no chain of credentials is asked.
 */
const client = new SecretsManagerClient({
  region: environment.AWS_REGION ?? "",
  endpoint: environment.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? "",
  credentials: {
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "",
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "",
  },
  maxAttempts: 2,
  retryMode: "standard",
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  defaultsMode: "standard",
  userAgentAppId: "",
});

const read = async (SecretId: string | undefined) =>
  (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;

const { MASTER_TOKEN_SECRET_ID, HMAC_KEY_SECRET_ID } = environment;
const secrets = await Promise.all([read(MASTER_TOKEN_SECRET_ID), read(HMAC_KEY_SECRET_ID)]);

export const handler = async () => ({ isAuthorized: secrets.every(Boolean) });
