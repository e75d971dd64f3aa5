import {
  badConfiguration,
  type Environment,
  flag,
  readVariables,
  secretId,
  wholeNumber,
} from "./settings.ts";

const DAY_SECONDS = 86_400;

/** The settings of the two functions that know the secrets; durations carry their unit. */
const VARIABLES = {
  masterTokenSecretId: secretId("MASTER_TOKEN_SECRET_ID"),
  hmacKeySecretId: secretId("HMAC_KEY_SECRET_ID"),
  /** How long a session token is valid. */
  sessionTtlHours: wholeNumber("SESSION_TTL_HOURS", 24, [1, 720]),
  /** How long a read secret is used without asking again. */
  secretsFreshSeconds: wholeNumber("SECRETS_FRESH_SECONDS", 60, [1, DAY_SECONDS]),
  /** How long it may still be used while Secrets Manager fails. */
  secretsStaleSeconds: wholeNumber("SECRETS_STALE_SECONDS", 900, [1, DAY_SECONDS]),
  /** The least time between refreshes that a bad token can cause. */
  secretsCooldownSeconds: wholeNumber("SECRETS_COOLDOWN_SECONDS", 5, [1, DAY_SECONDS]),
  acceptMasterToken: flag("ACCEPT_MASTER_TOKEN", true),
  /** Set where a PocketPaw stands behind the gateway: its tokens are accepted, and made for it. */
  acceptNativeTokens: flag("ACCEPT_NATIVE_TOKENS", false),
};

export type Config = ReturnType<typeof readConfig>;

/**
 * Reads the settings from environment variables.
 *
 * @throws Error naming each bad variable, what was found, and what it takes
 */
export function readConfig(environment: Environment = process.env) {
  const config = readVariables(VARIABLES, environment);
  const { secretsFreshSeconds, secretsStaleSeconds } = config;
  // With one secret for both, a leaked HMAC key would be the master token.
  if (config.masterTokenSecretId === config.hmacKeySecretId) {
    throw badConfiguration([
      "HMAC_KEY_SECRET_ID is the same as MASTER_TOKEN_SECRET_ID; it takes another secret",
    ]);
  }
  if (secretsStaleSeconds < secretsFreshSeconds) {
    throw badConfiguration([
      `SECRETS_STALE_SECONDS is ${secretsStaleSeconds}; it takes at least ` +
        `SECRETS_FRESH_SECONDS, which is ${secretsFreshSeconds}`,
    ]);
  }
  return config;
}
