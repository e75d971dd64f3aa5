import { join } from "node:path";
import { ROOT } from "../../support/checkout.ts";
import { CREDENTIALS, elements, queryAws, REGION } from "./emulator.ts";
import { baseEnvironment, run } from "./processes.ts";
import { repairApi } from "./repairs.ts";

export const SERVICE = "pocketpaw-session-gateway";

/** The arguments of `serverless`. */
export interface Deployment {
  /** The emulator. */
  readonly url: string;
  /** The folder of the service. */
  readonly directory: string;
  readonly stage: string;
  /** A file in that folder, when it is not serverless.yml. */
  readonly config?: string;
  readonly parameters?: Readonly<Record<string, string | number>>;
}

/**
 * `serverless <command>` as an operator runs it, but for the emulator's address.
 *
 * @returns its output
 * @throws Error with its output when it fails
 */
export function serverless(command: "deploy" | "remove" | "package", deployment: Deployment) {
  const { url, directory, stage, config, parameters = {} } = deployment;
  return run({
    command: join(ROOT, "node_modules", ".bin", "serverless"),
    args: [
      command,
      ...["--stage", stage, "--region", REGION],
      ...(config === undefined ? [] : ["--config", config]),
      ...Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`),
    ],
    env: {
      ...baseEnvironment([]),
      HOME: directory,
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    },
    directory,
  });
}

/**
 * Deploys the gateway under a stage of its own, and repairs what the emulator has misunderstood.
 *
 * @returns the stack's outputs by their names
 */
export async function deployGateway(
  deployment: Omit<Deployment, "config">,
): Promise<Record<string, string>> {
  await serverless("deploy", deployment);
  const outputs = await outputsOf(deployment.url, `${SERVICE}-${deployment.stage}`);
  await repairApi(deployment.url, outputs.HttpApiId ?? "");
  return outputs;
}

/** A stack's outputs by their names. */
export async function outputsOf(url: string, stack: string): Promise<Record<string, string>> {
  const xml = await queryAws(url, "cloudformation", {
    Action: "DescribeStacks",
    StackName: stack,
  });
  const values = elements(xml, "OutputValue");
  return Object.fromEntries(elements(xml, "OutputKey").map((key, i) => [key, values[i] ?? ""]));
}
