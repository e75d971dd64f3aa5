import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CreateSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { Environment } from "../lib/config.ts";
import { parseMasterToken } from "../lib/secrets/values.ts";
import { hasCode } from "./has-code.ts";

/** The names of the two secrets on a laptop. */
export const MASTER_TOKEN_SECRET = "pocketpaw/master-token";
export const HMAC_KEY_SECRET = "pocketpaw/hmac-key";

const HMAC_KEY_CHARACTERS = 48;

/** Where the operator's own master token may be found. */
export interface TokenSources {
  readonly environment: Environment;
  /** The home directory; PocketPaw keeps its token below it. */
  readonly home: string;
}

/**
 * Creates the two secrets that do not exist yet, and stores the operator's master token. The master token is
 * POCKETPAW_ACCESS_TOKEN, else PocketPaw's own in ~/.pocketpaw/access_token, else the one already stored, else a
 * new UUID. The HMAC key is generated once.
 *
 * @returns the master token
 * @throws Error that names the source of a token that cannot be used
 */
export async function ensureSecrets(
  client: SecretsManagerClient,
  sources: TokenSources,
): Promise<string> {
  const given = await givenToken(sources);
  const stored = await storedValue(client, MASTER_TOKEN_SECRET);
  if ((await storedValue(client, HMAC_KEY_SECRET)) === undefined) {
    await store(client, HMAC_KEY_SECRET, await randomKey(client));
  }
  if (given === undefined && stored !== undefined) {
    return usableToken(`the stored secret ${MASTER_TOKEN_SECRET}`, stored);
  }
  const token = given ?? randomUUID();
  if (stored !== token) await store(client, MASTER_TOKEN_SECRET, token);
  return token;
}

async function givenToken({ environment, home }: TokenSources): Promise<string | undefined> {
  const named = environment.POCKETPAW_ACCESS_TOKEN;
  if (named !== undefined) return usableToken("POCKETPAW_ACCESS_TOKEN", named);
  const file = join(home, ".pocketpaw", "access_token");
  try {
    return usableToken(file, await readFile(file, "utf8"));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** As the handlers will read it, so that a token they would refuse is refused here, and by name. */
function usableToken(source: string, value: string | Uint8Array): string {
  try {
    return parseMasterToken(value);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The master token in ${source} cannot be used: ${why}. Set POCKETPAW_ACCESS_TOKEN to PocketPaw's master token, or unset it.`,
    );
  }
}

async function storedValue(
  client: SecretsManagerClient,
  name: string,
): Promise<string | Uint8Array | undefined> {
  try {
    const value = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return value.SecretString ?? value.SecretBinary;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function store(client: SecretsManagerClient, name: string, value: string): Promise<void> {
  try {
    await client.send(new CreateSecretCommand({ Name: name, SecretString: value }));
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
  }
}

async function randomKey(client: SecretsManagerClient): Promise<string> {
  const rules = { PasswordLength: HMAC_KEY_CHARACTERS, ExcludePunctuation: true };
  const { RandomPassword } = await client.send(new GetRandomPasswordCommand(rules));
  if (RandomPassword === undefined)
    throw new Error("GetRandomPassword responded without a password.");
  return RandomPassword;
}
