import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { createSecretsClient, startEmulator } from "../../deployed/support/emulator.ts";
import { startPocketPaw } from "../../deployed/support/pocketpaw.ts";
import { deployGateway } from "../../deployed/support/stack.ts";
import { findPython, installTools } from "../../deployed/support/tools.ts";
import { makeCheckout } from "../../support/checkout.ts";
import type { Target } from "./client.ts";
import { startRelay } from "./relay.ts";

/** An output of the stack: the ARN of one of its secrets. */
type SecretOutput =
  | "ApiUpstreamSecretArn"
  | "DirectUpstreamSecretArn"
  | "MasterTokenSecretArn"
  | "HmacKeySecretArn";

/** The parameters that name a version of the upstream secrets. */
type Versions = Readonly<Record<"apiSecretVersionId" | "directSecretVersionId", string>>;

export type Gateway = Awaited<ReturnType<typeof startGateway>>;

/**
 * Deploys the gateway to the emulator, with a real PocketPaw as its upstream, behind a proxy that is named later.
 *
 * @param closing gets what ends each part, from its start on
 */
export async function startGateway(closing: (() => unknown)[]) {
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-front-"));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  const tools = await installTools(findPython());
  const emulator = await startEmulator(tools, directory, true);
  closing.push(emulator.stop);
  const pocketPaw = await startPocketPaw(tools.python, directory);
  const checkout = makeCheckout();
  closing.push(pocketPaw.stop, checkout.remove);
  repairGeneratedSecrets(checkout.directory);

  let proxy: Target = { port: 1 };
  const upstream = await startRelay(() => proxy);
  const { url } = emulator;
  const port = Number(new URL(url).port);
  const client = createSecretsClient(url);
  closing.push(upstream.close, () => client.destroy());
  const deploy = (versions?: Versions) =>
    deployGateway({
      url,
      directory: checkout.directory,
      stage: "front",
      // The emulator has no AWS::SecretsManager::RotationSchedule.
      parameters: { originUrl: upstream.url, rotationDays: 0, ...versions },
    });
  const outputs = await deploy();
  const secrets = secretsOf(client, outputs);
  await secrets.putSecret("MasterTokenSecretArn", pocketPaw.masterToken);
  const host = `${outputs.HttpApiId}.execute-api.localhost`;
  const api = await startRelay(() => ({ port, host }));
  closing.push(api.close);
  return {
    ...secrets,
    /** For files of a test. */
    directory,
    /** Deploys with other versions of the upstream secrets. */
    deploy,
    /** The HTTP API, without TLS. */
    api,
    /** The emulator's CloudFront, which carries no WebSocket, by the distribution's name in `Host`. */
    cloudFront: { port },
    publicHost: outputs.DistributionDomainName ?? "",
    pocketPawPort: pocketPaw.port,
    home: join(directory, "home"),
    /** From now on the stack's upstream is this proxy. */
    leadTo: (target: Target) => {
      proxy = target;
    },
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
      const options = { PasswordLength: 48, ExcludePunctuation: true };
      return (await client.send(new GetRandomPasswordCommand(options))).RandomPassword ?? "";
    },
  };
}
