import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createLocalClient, SECRET_ACCESS_KEY } from "./client.ts";
import { accessKeyIdFile, urlFile } from "./directory.ts";
import { invokeOffline } from "./offline-lambda.ts";
import type { StackSettings } from "./pocketpaw.ts";
import { ensureSecrets, type TokenSources } from "./secrets.ts";
import { startSecretsManager } from "./secrets-manager/server.ts";
import { gatewayUrl } from "./service.ts";

export { localDirectory } from "./directory.ts";
export { startFront } from "./front/front.ts";
export { pocketPawWarning } from "./pocketpaw.ts";
export { adaptService } from "./service.ts";

const ACCESS_KEY_ID_BYTES = 16;

export interface LocalOptions extends TokenSources {
  /** Where the secrets are kept. */
  readonly directory: string;
  /** The path of the Unix domain socket on which serverless-offline takes invocations. */
  readonly lambdaSocket: string;
  /** The full name of a function of the service, by its key in serverless.yml; throws without one. */
  readonly functionName: (key: string) => string;
}

export interface Local {
  readonly masterToken: string;
  /** What the functions' environment needs to reach the embedded Secrets Manager, and nothing else. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  /** The variables of the operator's own AWS account, which must not reach the functions. */
  readonly withheld: readonly string[];
  readonly close: () => Promise<void>;
}

/**
 * Starts the embedded Secrets Manager with both secrets in it, for serverless-offline's functions.
 *
 * @throws Error for the operator to read when a token cannot be used or the file of secrets is damaged; then
 *   nothing is left running
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  const { directory, lambdaSocket, functionName } = options;
  const accessKeyId = randomBytes(ACCESS_KEY_ID_BYTES).toString("hex");
  const server = await startSecretsManager({
    directory,
    accessKeyId,
    invoke: (lambda, event) => invokeOffline(lambdaSocket, functionName(keyIn(lambda)), event),
  });
  const client = createLocalClient(server.url, accessKeyId);
  try {
    const masterToken = await ensureSecrets(client, options);
    const files = [
      [urlFile(directory), `${server.url}\n`],
      [accessKeyIdFile(directory), `${accessKeyId}\n`],
    ] as const;
    for (const [file, text] of files) await writePrivately(file, text);
    // At every end of the process except a kill: `npm run rotate` then reports that nothing runs.
    const forget = () => {
      for (const [file, text] of files) removeOwn(file, text);
    };
    process.once("exit", forget);
    const close = async () => {
      forget();
      process.off("exit", forget);
      await server.close();
    };
    return {
      masterToken,
      functionEnvironment: {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
      },
      withheld: ["AWS_SESSION_TOKEN", "AWS_PROFILE"],
      close,
    };
  } catch (error) {
    await server.close();
    throw error;
  } finally {
    client.destroy();
  }
}

/** Replaces the file: an existing one would keep its own mode, or be a link that leads elsewhere. */
async function writePrivately(file: string, text: string): Promise<void> {
  rmSync(file, { force: true });
  await writeFile(file, text, { mode: 0o600, flag: "wx" });
}

/** Leaves the file of a later run in the same folder in place. */
function removeOwn(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) rmSync(file);
}

/**
 * The last lines that `npm start` prints: the gateway's URL, the master token and a command to paste.
 *
 * @param port the gateway's
 */
export function welcome(port: number, masterToken: string, settings?: StackSettings): string {
  const url = gatewayUrl(port);
  const dashboard = settings?.originUrl ? `\nPocketPaw's dashboard is at ${url}/` : "";
  return `
The gateway listens on ${url}${dashboard}
Master token: ${masterToken}

curl -X POST "${url}/api/auth/session" \\
-H "Authorization: Bearer ${masterToken}"
`;
}

/** A function's key in a Lambda ARN, or the key itself. */
function keyIn(lambda: string): string {
  return lambda.slice(lambda.lastIndexOf(":") + 1);
}
