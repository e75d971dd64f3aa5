import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createLocalClient } from "./client.ts";
import { accessKeyIdFile, localDirectory, urlFile } from "./directory.ts";
import { hasCode } from "./has-code.ts";
import { rotateHmacKey } from "./hmac-key-rotation.ts";
import { HMAC_KEY_SECRET } from "./secrets.ts";

const LIMIT_MILLISECONDS = 30_000;

/** `npm run rotate`. */
async function main(): Promise<void> {
  const directory = localDirectory(process.env, join(import.meta.dirname, ".."));
  const url = await readRunning(urlFile(directory));
  const client = createLocalClient(url, await readRunning(accessKeyIdFile(directory)));
  try {
    const { previous, current } = await rotateHmacKey(client, LIMIT_MILLISECONDS);
    console.log(`${HMAC_KEY_SECRET} is rotated:`);
    console.log(`  ${current} is AWSCURRENT: it signs new tokens.`);
    console.log(`  ${previous} is AWSPREVIOUS: its tokens are valid until the next rotation.`);
  } catch (error) {
    if (!hasCode(error, "ECONNREFUSED")) throw error;
    throw new Error(`npm start is not running: nothing listens on ${url}.`);
  } finally {
    client.destroy();
  }
}

/** Reads a file that exists while `npm start` runs. */
async function readRunning(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new Error(`npm start is not running: there is no ${file}.`);
  });
  return text.trim();
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
