import { join } from "node:path";
import { ROOT } from "../../support/checkout.ts";
import type { Target } from "../../support/http.ts";
import { HMAC_KEY } from "../../support/tokens.ts";
import { CREDENTIALS, callAws, elements, putSecret, queryAws, REGION } from "./emulator.ts";
import { BASE_ENVIRONMENT, run } from "./processes.ts";

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
      // The emulator has no AWS::SecretsManager::RotationSchedule.
      ...Object.entries({ rotationDays: 0, ...parameters }).map(
        ([name, value]) => `--param=${name}=${value}`,
      ),
    ],
    env: {
      ...BASE_ENVIRONMENT,
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
 * Deploys the gateway under a stage of its own.
 *
 * @param masterToken stored in its secret, and HMAC_KEY in the other, before any function has read them
 * @returns the stack's outputs by their names, and its API
 */
export async function deployGateway(
  deployment: Omit<Deployment, "config">,
  masterToken?: string,
): Promise<{ outputs: Record<string, string>; api: Target }> {
  const { url, stage } = deployment;
  await serverless("deploy", deployment);
  const outputs = await outputsOf(url, `${SERVICE}-${stage}`);
  if (masterToken !== undefined) {
    await putSecret(url, outputs.MasterTokenSecretArn, masterToken);
    // MiniStack generates punctuation where the template excludes it, and a value that starts like JSON is none.
    await putSecret(url, outputs.HmacKeySecretArn, HMAC_KEY);
  }
  const { HttpApiId = "" } = outputs;
  await repairMapping(url, HttpApiId);
  return { outputs, api: apiOf(url, HttpApiId) };
}

/** The API with this id. */
export function apiOf(url: string, id: string): Target {
  return { port: Number(new URL(url).port), host: `${id}.execute-api.localhost` };
}

/**
 * MiniStack 1.5.33 does not know `$context.authorizer.<key>` in a parameter mapping, only
 * `$context.authorizer.lambda.<key>`. AWS documents the former, which test/package sees to:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
async function repairMapping(url: string, apiId: string): Promise<void> {
  const path = `/v2/apis/${apiId}/integrations`;
  const { items } = JSON.parse(await callAws(url, "apigateway", path));
  for (const { integrationId, requestParameters = {} } of items) {
    const text = JSON.stringify({ requestParameters });
    await callAws(url, "apigateway", `${path}/${integrationId}`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: text.replaceAll("$context.authorizer.", "$context.authorizer.lambda."),
    });
  }
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
