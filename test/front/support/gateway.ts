import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { putSecret, readSecret, startEmulator } from "../../deployed/support/emulator.ts";
import { startPocketPaw } from "../../deployed/support/pocketpaw.ts";
import { deployGateway } from "../../deployed/support/stack.ts";
import { installTools } from "../../deployed/support/tools.ts";
import { makeCheckout, makeFolder } from "../../support/checkout.ts";
import type { Target } from "../../support/http.ts";
import { startRelay } from "./relay.ts";

/** An output of the stack: the ARN of one of its secrets. */
type SecretOutput = "ApiUpstreamSecretArn" | "DirectUpstreamSecretArn" | "MasterTokenSecretArn";

/** The parameters that name a version of the upstream secrets. */
type Versions = Readonly<Record<"apiSecretVersionId" | "directSecretVersionId", string>>;

export type Gateway = Awaited<ReturnType<typeof startGateway>>;

/**
 * Deploys the gateway to the emulator, with a real PocketPaw as its upstream, behind a proxy that is named later.
 *
 * @param closing gets what ends each part, from its start on
 */
export async function startGateway(closing: (() => unknown)[]) {
  await installTools();
  const { directory, remove } = makeFolder();
  const checkout = makeCheckout();
  closing.push(remove, checkout.remove);
  repairGeneratedSecrets(checkout.directory);
  const { url, stop } = await startEmulator(directory);
  closing.push(stop);
  const pocketPaw = await startPocketPaw(directory);
  let proxy: Target = { port: 1 };
  const upstream = await startRelay(() => proxy);
  closing.push(pocketPaw.stop, upstream.close);

  const deploy = (versions?: Versions, masterToken?: string) => {
    const parameters = { originUrl: upstream.url, ...versions };
    const deployment = { url, directory: checkout.directory, stage: "front", parameters };
    return deployGateway(deployment, masterToken);
  };
  const { outputs, api } = await deploy(undefined, pocketPaw.masterToken);
  const relay = await startRelay(() => api);
  closing.push(relay.close);
  return {
    /** For files of a test. */
    directory,
    /** Deploys with other versions of the upstream secrets. */
    deploy,
    /** The HTTP API, by an address of its own. */
    api: relay,
    /** The emulator's CloudFront, which carries no WebSocket, by the distribution's name in `Host`. */
    cloudFront: { port: api.port },
    publicHost: outputs.DistributionDomainName ?? "",
    pocketPawPort: pocketPaw.port,
    /** From now on the stack's upstream is this proxy. */
    leadTo: (target: Target) => {
      proxy = target;
    },
    /** The current value of a secret. */
    secret: (output: SecretOutput) => readSecret(url, outputs[output]),
    /** Gives a secret a new value. @returns its version's id */
    putSecret: (output: SecretOutput, value: string) => putSecret(url, outputs[output], value),
  };
}

/**
 * MiniStack 1.5.33 does not know `ExcludePunctuation`, only `ExcludeCharacters`; the proxies accept letters and digits
 * alone. As in test/deployed/support/stack.ts, it is told the same in words that it understands.
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
