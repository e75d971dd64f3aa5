import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  GetSecretValueCommand,
  InvalidRequestException,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { HMAC_KEY_SECRET, SECRET_ACCESS_KEY } from "./secrets.ts";
import { accessKeyIdFile, localDirectory, urlFile } from "./state.ts";

/** Its last part is the function's key in serverless.yml. */
const RotationLambdaARN = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
const SecretId = HMAC_KEY_SECRET;
const LIMIT_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 200;

/** The SDK's client for the embedded Secrets Manager. The caller destroys it. */
export function createLocalClient(endpoint: string, accessKeyId: string): SecretsManagerClient {
  // The SDK would warn of Node 20; on AWS the functions run on Node 24.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const credentials = { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY };
  return new SecretsManagerClient({ endpoint, region: "us-east-1", credentials });
}

/**
 * Rotates the HMAC key of the embedded Secrets Manager with the rotation function, and waits for the end. A rotation
 * that failed earlier is continued.
 *
 * @throws Error for the operator to read when the rotation does not end in that time
 */
export async function rotateHmacKey(client: SecretsManagerClient, limitMilliseconds: number) {
  const readCurrent = () => client.send(new GetSecretValueCommand({ SecretId }));
  const { VersionId: previous } = await readCurrent();
  await client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN })).catch((error) => {
    // "A previous rotation isn't complete. That rotation will be reattempted."
    if (!(error instanceof InvalidRequestException)) throw error;
  });
  const deadline = Date.now() + limitMilliseconds;
  for (;;) {
    const { VersionId: current } = await readCurrent();
    if (current !== previous) return { current, previous };
    if (Date.now() > deadline) {
      throw new Error(
        `The rotation did not end within ${limitMilliseconds / 1000} s; the key in use is the same as before. The output of npm start says why. The next npm run rotate continues it.`,
      );
    }
    await setTimeout(POLL_MILLISECONDS);
  }
}

async function main(): Promise<void> {
  const directory = localDirectory(process.env, join(import.meta.dirname, ".."));
  const url = await readRunning(urlFile(directory));
  const client = createLocalClient(url, await readRunning(accessKeyIdFile(directory)));
  const { current, previous } = await rotateHmacKey(client, LIMIT_MILLISECONDS).catch((error) => {
    if (error.code !== "ECONNREFUSED") throw error;
    throw new Error(`npm start is not running: nothing listens on ${url}.`);
  });
  console.log(`${HMAC_KEY_SECRET} is rotated:`);
  console.log(`  ${current} is AWSCURRENT: it signs new tokens.`);
  console.log(`  ${previous} is AWSPREVIOUS: its tokens are valid until the next rotation.`);
}

/** Reads a file that exists while `npm start` runs. */
async function readRunning(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new Error(`npm start is not running: there is no ${file}.`);
  });
  return text.trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
