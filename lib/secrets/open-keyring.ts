import type { Config } from "../config/keyring.ts";
import { describeError } from "../errors.ts";
import type { Log } from "../log.ts";
import { createKeyring, type Keyring } from "./keyring.ts";
import { createSecretReader } from "./reading.ts";
import { UnusableSecret } from "./values.ts";

/**
 * The longest one read of a secret may take, milliseconds. A cold request may wait for two in a row,
 * while the module loads and then its own, and still answers within 3 s.
 */
export const READ_TIME_LIMIT_MILLISECONDS = 1_200;

/**
 * The keyring over the real Secrets Manager, with its first read under way behind it. That read may
 * fail without harm: Lambda may freeze a container between its load and its first request, and the
 * request reads again.
 *
 * @param now wall clock, milliseconds
 * @throws Error when Lambda's own variables are missing (lib/secrets/aws-environment.ts), and never because
 *   a secret cannot be read
 */
export async function openKeyring(
  config: Config,
  log: Log,
  now: () => number = Date.now,
): Promise<Keyring> {
  const keyring = createKeyring({
    read: createSecretReader(),
    masterTokenSecretId: config.masterTokenSecretId,
    hmacKeySecretId: config.hmacKeySecretId,
    now,
    freshSeconds: config.secretsFreshSeconds,
    staleSeconds: config.secretsStaleSeconds,
    cooldownSeconds: config.secretsCooldownSeconds,
    timeLimitMilliseconds: READ_TIME_LIMIT_MILLISECONDS,
    onFailure: (secret, error, ageSeconds) =>
      log({
        level: ageSeconds === undefined ? "ERROR" : "WARN",
        event: "secret_read",
        outcome: "failed",
        reason: reasonOf(error),
        secret,
        ...describeError(error),
        ...(ageSeconds !== undefined && { ageSeconds: Math.round(ageSeconds) }),
      }),
  });
  await keyring.current().catch(() => undefined);
  return keyring;
}

/** The reason code of what a keyring rejects with. */
export function reasonOf(error: unknown): "secrets_unusable" | "secrets_unavailable" {
  return error instanceof UnusableSecret ? "secrets_unusable" : "secrets_unavailable";
}
