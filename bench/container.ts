import { createRequire } from "node:module";
import { join } from "node:path";
import { httpApi2 } from "../test/support/events.ts";
import { type FunctionProcess, startFunction } from "../test/support/runtime-api.ts";
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../test/support/tokens.ts";
import type { Bundle } from "./bundles.ts";
import type { SecretsManager } from "./secrets-manager.ts";

const RUNTIME = join(import.meta.dirname, "..", "test", "runtime", "node_modules");

/**
 * Starts a bundle as one container: under the real runtime client, on Node 24.
 *
 * @param env added to the function's settings
 */
export function startContainer(
  { taskRoot, handler }: Bundle,
  secretsManager: SecretsManager,
  env: Readonly<Record<string, string>> = {},
): Promise<FunctionProcess> {
  return startFunction({
    node: join(RUNTIME, "node", "bin", "node"),
    ric: join(RUNTIME, "aws-lambda-ric", "index.mjs"),
    taskRoot,
    handler,
    env: { ...secretsManager.env, ...env },
  });
}

/** The runtime client's version. */
export const RIC_VERSION: string = createRequire(import.meta.url)(
  join(RUNTIME, "aws-lambda-ric", "package.json"),
).version;

/** What a browser sends beside its token. */
const HEADERS = {
  Accept: "application/json, text/plain, */*",
  "Accept-Encoding": "gzip, deflate, br, zstd",
  "Accept-Language": "en-GB,en;q=0.9",
  Referer: "https://dashboard.example.com/chat",
  "User-Agent":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  "X-Forwarded-For": "192.0.2.7",
};

/** An HTTP API's event of payload 2.0 with that bearer token. */
export function eventWith(token: string): unknown {
  return httpApi2({ headers: { ...HEADERS, Authorization: `Bearer ${token}` } });
}

/** A session token that holds for an hour. */
export function goodToken(): string {
  return sessionToken(MASTER_TOKEN, HMAC_KEY, Math.floor(Date.now() / 1000) + 3600);
}

/** A token of the right shape whose mac is wrong; another one for each number. */
export { forgedToken } from "../test/support/tokens.ts";
