import type { Config } from "../../lib/config/keyring.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "./secret-store.ts";
import { AWS_ENVIRONMENT, openTestSecretsManager } from "./secrets-manager.ts";

/** The settings that a function must have; all others keep their defaults. */
export const REQUIRED_SETTINGS = {
  MASTER_TOKEN_SECRET_ID,
  HMAC_KEY_SECRET_ID,
};

/** The same, as lib/config reads them. */
export const CONFIG: Config = {
  masterTokenSecretId: MASTER_TOKEN_SECRET_ID,
  hmacKeySecretId: HMAC_KEY_SECRET_ID,
  sessionTtlHours: 24,
  secretsFreshSeconds: 60,
  secretsStaleSeconds: 900,
  secretsCooldownSeconds: 5,
  acceptMasterToken: true,
  acceptNativeTokens: false,
};

/**
 * Loads the three handlers as Lambda does: the environment first, then the module, which reads the
 * secrets. What tests work with is their `createHandler`, which takes clock, keyring and log.
 */
export async function loadHandlers() {
  const secretsManager = await openTestSecretsManager();
  Object.assign(process.env, AWS_ENVIRONMENT, REQUIRED_SETTINGS, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
  });
  const session = await import("../../handlers/session.ts");
  const authorizer = await import("../../handlers/authorizer.ts");
  const status = await import("../../handlers/session-status.ts");
  await secretsManager.close();
  return {
    createSession: session.createHandler,
    createAuthorizer: authorizer.createHandler,
    createStatus: status.createHandler,
  };
}
