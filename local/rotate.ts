import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  DescribeSecretCommand,
  InvalidRequestException,
  RotateSecretCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { createLocalClient } from "./client.ts";
import { accessKeyIdFile, localDirectory, urlFile } from "./directory.ts";
import { HMAC_KEY_SECRET } from "./secrets.ts";

/** Its last part is the function's key in serverless.yml. */
const RotationLambdaARN = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
const SecretId = HMAC_KEY_SECRET;
const LIMIT_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 200;

/**
 * Rotates the HMAC key of the embedded Secrets Manager with the rotation function, and waits for the end. A rotation
 * that failed earlier is continued.
 *
 * @param limitMilliseconds how long to wait
 * @returns the ids of the versions that are AWSCURRENT and AWSPREVIOUS then
 * @throws Error for the operator to read when the rotation does not end in that time
 */
export async function rotateHmacKey(client: SecretsManagerClient, limitMilliseconds: number) {
  const { current: before } = await versions(client);
  await client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN })).catch((error) => {
    // "A previous rotation isn't complete. That rotation will be reattempted."
    if (!(error instanceof InvalidRequestException)) throw error;
  });
  const deadline = Date.now() + limitMilliseconds;
  for (;;) {
    const now = await versions(client);
    if (now.current !== before) return now;
    if (Date.now() > deadline) {
      throw new Error(
        `The rotation did not end within ${limitMilliseconds / 1000} s; the key in use is the same as before. The output of npm start says why. The next npm run rotate continues it.`,
      );
    }
    await setTimeout(POLL_MILLISECONDS);
  }
}

async function versions(client: SecretsManagerClient) {
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
  const ids = Object.keys(VersionIdsToStages);
  const withStage = (stage: string) => ids.find((id) => VersionIdsToStages[id]?.includes(stage));
  return { current: withStage("AWSCURRENT"), previous: withStage("AWSPREVIOUS") };
}

/** `npm run rotate`. */
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
