import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import {
  callAws,
  createSecretsClient,
  elements,
  startEmulator,
} from "../../deployed/support/emulator.ts";
import { startPocketPaw } from "../../deployed/support/pocketpaw.ts";
import { deployGateway } from "../../deployed/support/stack.ts";
import { findPython, installTools } from "../../deployed/support/tools.ts";
import { makeCheckout } from "../../support/checkout.ts";
import { type Destination, startCloudFront } from "./cloudfront.ts";
import { type Origin, readDistribution } from "./distribution.ts";
import { startApiRelay, startRelay } from "./relay.ts";

export const PUBLIC_HOST = "paw.example.com";
const CERTIFICATE =
  "arn:aws:acm:us-east-1:123456789012:certificate/1b2c3d4e-0000-4000-8000-000000000000";

/** An output of the stack: the ARN of one of its secrets. */
type SecretOutput = "ApiUpstreamSecretArn" | "DirectUpstreamSecretArn" | "MasterTokenSecretArn";

/** The parameters that name a version of the upstream secrets. */
export type Versions = Readonly<
  Partial<Record<"apiSecretVersionId" | "directSecretVersionId", string>>
>;

export type Gateway = Awaited<ReturnType<typeof startGateway>>;

/**
 * Deploys the gateway to the emulator, with a real PocketPaw behind a relay, and starts a front from the distribution
 * of the packaged template.
 */
export async function startGateway() {
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(closing)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(closing: (() => unknown)[]) {
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-front-"));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  const tools = await installTools(findPython());
  const relay = await startRelay();
  closing.push(relay.close);
  const emulator = await startEmulator(tools, directory, true);
  closing.push(emulator.stop);
  const pocketPaw = await startPocketPaw(tools.python, directory);
  closing.push(pocketPaw.stop);
  const checkout = makeCheckout();
  closing.push(checkout.remove);
  repairGeneratedSecrets(checkout.directory);

  const { url } = emulator;
  const client = createSecretsClient(url);
  closing.push(() => client.destroy());
  const deploy = (versions: Versions) =>
    deployGateway({
      url,
      directory: checkout.directory,
      stage: "front",
      parameters: {
        originUrl: relay.originUrl,
        domainName: PUBLIC_HOST,
        certificateArn: CERTIFICATE,
        // The emulator has no AWS::SecretsManager::RotationSchedule.
        rotationDays: 0,
        ...versions,
      },
    });
  const outputs = await deploy({});
  const secrets = secretsOf(client, outputs);
  await secrets.putSecret("MasterTokenSecretArn", pocketPaw.masterToken);

  const template = join(
    checkout.directory,
    ".serverless",
    "cloudformation-template-update-stack.json",
  );
  const front = await startCloudFront(readDistribution(template, directory), (origin) =>
    locate(origin, url, outputs),
  );
  closing.push(front.close);
  const api = await startApiRelay(url, outputs.HttpApiId ?? "");
  closing.push(api.close);
  return {
    ...secrets,
    /** The HTTP API, for a proxy that asks it. */
    api: { url: api.url },
    /** For files of a test. */
    directory,
    /** Deploys with other versions of the upstream secrets. */
    deploy,
    /** In CloudFront's place. */
    front,
    /** Where PocketPaw itself listens. */
    pocketPaw: { url: pocketPaw.url, port: Number(new URL(pocketPaw.url).port) },
    /** Between the gateway and PocketPaw's proxy. */
    relay,
  };
}

/**
 * MiniStack 1.5.33 does not know `ExcludePunctuation`, only `ExcludeCharacters`; the proxies accept letters and digits
 * alone. As in test/deployed/support/repairs.ts, it is told the same in words that it understands.
 */
function repairGeneratedSecrets(directory: string): void {
  const file = join(directory, "deploy", "secrets.js");
  const text = readFileSync(file, "utf8");
  const ours = "ExcludePunctuation: true";
  if (!text.includes(ours)) throw new Error(`${file} has no ${ours}`);
  const punctuation = JSON.stringify("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
  // By a function: `$&` in a text would have a meaning.
  writeFileSync(
    file,
    text.replace(ours, () => `ExcludeCharacters: ${punctuation}`),
  );
}

/** The stack's secrets, as an operator reads and changes them. */
function secretsOf(client: SecretsManagerClient, outputs: Record<string, string>) {
  return {
    /** @returns the new version's id */
    putSecret: async (output: SecretOutput, SecretString: string): Promise<string> => {
      const command = new PutSecretValueCommand({ SecretId: outputs[output], SecretString });
      return (await client.send(command)).VersionId ?? "";
    },
    /** @returns the current value */
    secret: async (output: SecretOutput): Promise<string> => {
      const command = new GetSecretValueCommand({ SecretId: outputs[output] });
      return (await client.send(command)).SecretString ?? "";
    },
    /** @returns 48 letters and digits */
    randomValue: async (): Promise<string> => {
      const command = new GetRandomPasswordCommand({
        PasswordLength: 48,
        ExcludePunctuation: true,
      });
      return (await client.send(command)).RandomPassword ?? "";
    },
  };
}

/** Where one of the template's origins is, when the stack is on the emulator. */
async function locate(
  { Id, DomainName, CustomOriginConfig, OriginCustomHeaders = [] }: Origin,
  url: string,
  outputs: Record<string, string>,
): Promise<Destination> {
  if (Id === "HttpApi") {
    const host = `${outputs.HttpApiId}.execute-api.localhost`;
    return { port: Number(new URL(url).port), host, headers: {} };
  }
  // The emulator's CloudFormation resolves the reference in the header, and again when its text changes.
  const distributions = await callAws(url, "cloudfront", "/2020-05-31/distribution");
  const values = elements(distributions, "HeaderValue");
  const headers = OriginCustomHeaders.map(({ HeaderName }, at) => [HeaderName, values[at] ?? ""]);
  return {
    port: CustomOriginConfig.HTTPPort ?? 80,
    host: String(DomainName),
    headers: Object.fromEntries(headers),
  };
}
