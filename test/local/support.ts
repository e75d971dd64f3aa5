import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { onTestFinished } from "vitest";
import { createLocalClient } from "../../local/rotate.ts";
import {
  type SecretsManagerOptions,
  startSecretsManager,
} from "../../local/secrets-manager/server.ts";

/** What the tests' servers accept. */
export const ACCESS_KEY_ID = "test";

/** The header of a request signed with an access key id; no signature is checked. */
export function authorization(accessKeyId = ACCESS_KEY_ID): string {
  const scope = "20260101/us-east-1/secretsmanager/aws4_request";
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=host, Signature=0`;
}

/** An empty directory that is gone when the test is over. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "local-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The SDK's client for an endpoint. */
export function clientFor(endpoint: string, accessKeyId = ACCESS_KEY_ID): SecretsManagerClient {
  const client = createLocalClient(endpoint, accessKeyId);
  onTestFinished(() => client.destroy());
  return client;
}

/** A server and a client of it; both end with the test. */
export async function startServer(options: Partial<SecretsManagerOptions> = {}) {
  const server = await startSecretsManager({ accessKeyId: ACCESS_KEY_ID, ...options });
  onTestFinished(() => server.close());
  return { ...server, client: clientFor(server.url) };
}

/** Stores a value in `one`; its version's id. */
export async function put(
  client: SecretsManagerClient,
  SecretString: string,
  VersionStages?: string[],
  ClientRequestToken?: string,
): Promise<string> {
  const input = { SecretId: "one", SecretString, VersionStages, ClientRequestToken };
  const { VersionId } = await client.send(new PutSecretValueCommand(input));
  return VersionId ?? "";
}

/** The labels of each version of `one` that has any. */
export async function stagesOf(client: SecretsManagerClient): Promise<Record<string, string[]>> {
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: "one" }));
  return VersionIdsToStages ?? {};
}

/** A server with a secret, whose first version has the value `v1`. */
export async function serverWithOneSecret(
  options: Partial<SecretsManagerOptions> = {},
  Name = "one",
) {
  const server = await startServer(options);
  const command = new CreateSecretCommand({ Name, SecretString: "v1" });
  const { ARN: arn = "", VersionId: first = "" } = await server.client.send(command);
  return { ...server, arn, first };
}
