import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { type afterAll, onTestFinished, vi } from "vitest";
import {
  type SecretsManagerOptions,
  startSecretsManager,
} from "../../local/secrets-manager/server.ts";
import { AWS_ENVIRONMENT, HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "./secret-store.ts";
import { HMAC_KEY, MASTER_TOKEN } from "./tokens.ts";

/** The embedded Secrets Manager with the two secrets in it. */
export interface Secrets {
  readonly url: string;
  readonly client: SecretsManagerClient;
  /** Another client, also through something that stands before it. */
  readonly newClient: (endpoint?: string) => SecretsManagerClient;
  /** A new version: AWSCURRENT moves to it, and AWSPREVIOUS to the one before it. */
  readonly put: (secretId: string, value: string | Uint8Array) => Promise<unknown>;
  /** What a function needs to reach it. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Options extends Partial<SecretsManagerOptions> {
  readonly values?: { readonly masterToken: string; readonly hmacKey: string };
  /** Ends it: with the test by default; `afterAll`, or a concurrent test's own. */
  readonly onFinished?: typeof onTestFinished | typeof afterAll;
}

/** Starts it on a free port. */
export async function openSecrets({
  values,
  onFinished,
  ...options
}: Options = {}): Promise<Secrets> {
  const { masterToken, hmacKey } = values ?? { masterToken: MASTER_TOKEN, hmacKey: HMAC_KEY };
  const finish = onFinished ?? onTestFinished;
  const { url, close } = await startSecretsManager({ accessKeyId: null, ...options });
  finish(close);
  const newClient = (endpoint = url) => {
    const credentials = { accessKeyId: "AKIDTEST", secretAccessKey: "test" };
    const region = AWS_ENVIRONMENT.AWS_REGION;
    const client = new SecretsManagerClient({ endpoint, region, credentials });
    finish(() => client.destroy());
    return client;
  };
  const client = newClient();
  const create = (Name: string, SecretString: string) =>
    client.send(new CreateSecretCommand({ Name, SecretString }));
  await create(MASTER_TOKEN_SECRET_ID, masterToken);
  await create(HMAC_KEY_SECRET_ID, hmacKey);
  const put: Secrets["put"] = (SecretId, value) => {
    const field = typeof value === "string" ? { SecretString: value } : { SecretBinary: value };
    return client.send(new PutSecretValueCommand({ SecretId, ...field }));
  };
  const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: url };
  return { url, client, newClient, put, environment };
}

/** Begins a rotation of the HMAC key, whose steps are the test's; the version's id. */
export async function beginRotation(client: SecretsManagerClient): Promise<string> {
  // No one runs the function, which is logged.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const ClientRequestToken = randomUUID();
  const rotation = { ClientRequestToken, RotationLambdaARN: "function:rotate" };
  await client.send(new RotateSecretCommand({ SecretId: HMAC_KEY_SECRET_ID, ...rotation }));
  return ClientRequestToken;
}

/** A version of a secret; its value is absent while there is none. */
export interface StoredVersion {
  readonly versionId: string;
  readonly labels: readonly string[];
  readonly value?: string;
}

/** All versions of a secret, the ones without a label included. */
export async function versionsOf(
  client: SecretsManagerClient,
  SecretId: string,
): Promise<StoredVersion[]> {
  const { Versions = [] } = await client.send(
    new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }),
  );
  return Promise.all(
    Versions.map(async ({ VersionId = "", VersionStages = [] }) => {
      const { SecretString } = await client
        .send(new GetSecretValueCommand({ SecretId, VersionId }))
        .catch(() => ({ SecretString: undefined }));
      const version = { versionId: VersionId, labels: [...VersionStages].sort() };
      return SecretString === undefined ? version : { ...version, value: SecretString };
    }),
  );
}

/** The version with a label, which must be there. */
export async function versionLabelled(
  client: SecretsManagerClient,
  secretId: string,
  label: string,
): Promise<StoredVersion> {
  const versions = await versionsOf(client, secretId);
  const found = versions.find(({ labels }) => labels.includes(label));
  if (found === undefined) throw new Error(`no version of ${secretId} is labelled ${label}`);
  return found;
}
