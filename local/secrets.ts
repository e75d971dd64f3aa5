import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { devNull } from "node:os";
import { parseMasterToken } from "../lib/secrets/values.ts";
import type { Invoke } from "./functions.ts";
import { type State, textWithStage } from "./secrets-manager/secret.ts";
import { startSecretsManager } from "./secrets-manager/server.ts";
import { accessKeyIdFile, hmacKeyFile, loadHmacKeys, urlFile, writePrivately } from "./state.ts";

export const MASTER_TOKEN_SECRET = "pocketpaw/master-token";
export const HMAC_KEY_SECRET = "pocketpaw/hmac-key";

/** Any value is valid: the embedded Secrets Manager does not check signatures. */
export const SECRET_ACCESS_KEY = "local";
const ACCESS_KEY_ID_BYTES = 16;

export interface SecretsOptions {
  /** Where the HMAC key is kept, and where `npm run rotate` finds this run. */
  readonly directory: string;
  readonly masterToken: string;
  readonly invoke: Invoke;
  /** Called when another master token has become current. */
  readonly onMasterToken: (token: string) => void;
}

/**
 * Starts the embedded Secrets Manager with both secrets in it.
 *
 * @returns all that is of AWS in the functions' environment; what makes another master token current; what ends it
 * @throws Error for the operator to read when the HMAC key cannot be read, or nothing can be written; then nothing is
 *   left running
 */
export async function startSecrets(options: SecretsOptions) {
  const { directory, invoke, onMasterToken } = options;
  const [current, previous] = loadHmacKeys(directory);
  const accessKeyId = randomBytes(ACCESS_KEY_ID_BYTES).toString("hex");
  let saved = "";
  let { masterToken } = options;

  function onChange(state: State): void {
    const key = textWithStage(state, HMAC_KEY_SECRET, "AWSCURRENT");
    const keys = JSON.stringify([key, textWithStage(state, HMAC_KEY_SECRET, "AWSPREVIOUS")]);
    // Another master token needs no file, so a full disk does not keep it out.
    if (key !== undefined && keys !== saved) {
      writePrivately(hmacKeyFile(directory), `${keys}\n`);
      saved = keys;
    }
    const token = usable(textWithStage(state, MASTER_TOKEN_SECRET, "AWSCURRENT"));
    if (token === undefined || token === masterToken) return;
    masterToken = token;
    onMasterToken(token);
  }

  const server = await startSecretsManager({
    accessKeyId,
    // RotateSecret names the function by its ARN, whose last part is its key in serverless.yml.
    invoke: (arn, event) => invoke(arn.split(":").at(-1) ?? "", event),
    onChange,
  });
  const run = (operation: string, input: object) =>
    server.run(operation, { ...input, ClientRequestToken: randomUUID() });
  const files = [
    [urlFile(directory), `${server.url}\n`],
    [accessKeyIdFile(directory), `${accessKeyId}\n`],
  ] as const;
  try {
    run("CreateSecret", { Name: MASTER_TOKEN_SECRET, SecretString: masterToken });
    run("CreateSecret", { Name: HMAC_KEY_SECRET, SecretString: previous ?? current });
    if (previous) run("PutSecretValue", { SecretId: HMAC_KEY_SECRET, SecretString: current });
    for (const [file, text] of files) writePrivately(file, text);
  } catch (error) {
    await server.close();
    throw error;
  }
  /** At every end of the process except a kill: `npm run rotate` then says that nothing runs. */
  function forget(): void {
    for (const [file, text] of files) {
      // Not that of a later run in the same folder.
      if (existsSync(file) && readFileSync(file, "utf8") === text) rmSync(file);
    }
  }
  process.once("exit", forget);
  return {
    functionEnvironment: {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
      // The operator's own configuration is not read.
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      // On AWS the functions run on Node 24, whatever runs them here.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    },
    putMasterToken: (SecretString: string) =>
      void run("PutSecretValue", { SecretId: MASTER_TOKEN_SECRET, SecretString }),
    close: async () => {
      process.off("exit", forget);
      forget();
      await server.close();
    },
  };
}

/** The master token in a secret's value; undefined when it cannot be used. */
function usable(value: string | undefined): string | undefined {
  try {
    return value && parseMasterToken(value);
  } catch {
    return undefined;
  }
}
