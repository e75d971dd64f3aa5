import type { KeyringSettings } from "../config.ts";
import { describeError, failureReasonOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { createKeyring, type Keyring } from "./keyring.ts";
import { createSecretReader } from "./reading.ts";

/**
 * The longest one read of a secret may take, milliseconds. A cold request may wait for two in a row,
 * while the module loads and then its own, and still respond within 3 s.
 */
export const READ_TIME_LIMIT_MILLISECONDS = 1_200;

/**
 * The keyring over Secrets Manager, after its first read. That read may fail without harm: the
 * request reads again.
 *
 * @param now wall clock, milliseconds
 * @throws Error when Lambda's own settings are missing (lib/secrets/aws-environment.ts), and never
 *   because a secret cannot be read
 */
export async function openKeyring(
  settings: KeyringSettings,
  log: Log,
  now: () => number = Date.now,
): Promise<Keyring> {
  const keyring = createKeyring({
    ...settings,
    read: createSecretReader(),
    now,
    timeLimitMilliseconds: READ_TIME_LIMIT_MILLISECONDS,
    onFailure: (secret, error, ageSeconds) =>
      log({
        level: ageSeconds === undefined ? "ERROR" : "WARN",
        event: "secret_read",
        outcome: "failed",
        reason: failureReasonOf(error).reason,
        secret,
        ...describeError(error),
        ageSeconds: ageSeconds && Math.round(ageSeconds),
      }),
  });
  await keyring.current().catch(() => undefined);
  return keyring;
}
