import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** The same two reads by the SDK's client as it comes. */
const client = new SecretsManagerClient();

const read = async (SecretId: string | undefined) =>
  (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;

const { MASTER_TOKEN_SECRET_ID, HMAC_KEY_SECRET_ID } = process.env;
const secrets = await Promise.all([read(MASTER_TOKEN_SECRET_ID), read(HMAC_KEY_SECRET_ID)]);

export const handler = async () => ({ isAuthorized: secrets.every(Boolean) });
