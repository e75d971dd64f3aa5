import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { expect, onTestFinished } from "vitest";
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
  const directory = await mkdtemp(join(tmpdir(), "secrets-manager-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The SDK's client, as the handlers use it, for an endpoint. Never tries a request twice. */
export function clientFor(endpoint: string, accessKeyId = ACCESS_KEY_ID): SecretsManagerClient {
  const client = new SecretsManagerClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: "test" },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** A server in a directory of its own, and a client of it; both end with the test. */
export async function startServer(options: Partial<SecretsManagerOptions> = {}) {
  const directory = options.directory ?? (await temporaryDirectory());
  const server = await startSecretsManager({ accessKeyId: ACCESS_KEY_ID, ...options, directory });
  onTestFinished(() => server.close());
  return { ...server, directory, client: clientFor(server.url) };
}

type Exception = abstract new (...args: never[]) => Error;

/** What the SDK threw: of that class, with that message. */
export async function expectException(
  sent: Promise<unknown>,
  exception: Exception,
  message: string | RegExp,
): Promise<void> {
  const error = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(exception);
  expect((error as Error).message).toMatch(message);
}

/** Stores a value in `one`; its version's id. */
export async function put(
  client: SecretsManagerClient,
  value: string,
  stages?: string[],
  token?: string,
): Promise<string> {
  const { VersionId } = await client.send(
    new PutSecretValueCommand({
      SecretId: "one",
      SecretString: value,
      VersionStages: stages,
      ClientRequestToken: token,
    }),
  );
  return VersionId ?? "";
}

/** The labels of each version of `one` that has any. */
export async function stagesOf(client: SecretsManagerClient): Promise<Record<string, string[]>> {
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: "one" }));
  return VersionIdsToStages ?? {};
}

/** A server with the secret `one`, whose first version has the value `v1`. */
export async function serverWithOneSecret(options: Parameters<typeof startServer>[0] = {}) {
  const server = await startServer(options);
  const created = await server.client.send(
    new CreateSecretCommand({ Name: "one", SecretString: "v1" }),
  );
  return { ...server, arn: created.ARN ?? "", first: created.VersionId ?? "" };
}
