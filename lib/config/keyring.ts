import { BadSettings } from "../errors.ts";
import { secretId, wholeNumber } from "./parsers.ts";
import { type Environment, readSettings, type Setting } from "./settings.ts";

const DAY_SECONDS = 86_400;

/** The settings of the functions that know both secrets; durations carry their unit. */
const KEYRING = {
  masterTokenSecretId: secretId("MASTER_TOKEN_SECRET_ID"),
  hmacKeySecretId: secretId("HMAC_KEY_SECRET_ID"),
  /** How long a secret that was read is used without asking again. */
  secretsFreshSeconds: wholeNumber("SECRETS_FRESH_SECONDS", 60, [1, DAY_SECONDS]),
  /** How long it may still be used while Secrets Manager fails. */
  secretsStaleSeconds: wholeNumber("SECRETS_STALE_SECONDS", 900, [1, DAY_SECONDS]),
  /** How long until one more refresh may be caused by a bad token. */
  secretsCooldownSeconds: wholeNumber("SECRETS_COOLDOWN_SECONDS", 5, [1, DAY_SECONDS]),
};

export type KeyringSettings = ReturnType<typeof readKeyringSettings>;

/**
 * Reads the keyring's settings, and a function's own beside them.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed
 */
export function readKeyringSettings<S extends Record<string, Setting<unknown>>>(
  own: S,
  environment: Environment,
) {
  const settings = readSettings({ ...KEYRING, ...own }, environment);
  const { masterTokenSecretId, hmacKeySecretId } = settings;
  const { secretsFreshSeconds, secretsStaleSeconds } = settings;
  // With one secret for both, a leaked HMAC key would be the master token.
  if (masterTokenSecretId === hmacKeySecretId) {
    throw new BadSettings([
      "HMAC_KEY_SECRET_ID is the same as MASTER_TOKEN_SECRET_ID; it must be another secret",
    ]);
  }
  if (secretsStaleSeconds < secretsFreshSeconds) {
    throw new BadSettings([
      `SECRETS_STALE_SECONDS is ${secretsStaleSeconds}; it must be at least ` +
        `SECRETS_FRESH_SECONDS, which is ${secretsFreshSeconds}`,
    ]);
  }
  return settings;
}
