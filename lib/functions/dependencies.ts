import type { Policy } from "../auth/decide.ts";
import type { KeyringSettings } from "../config.ts";
import { type Log, writeLog } from "../log.ts";
import { openKeyring } from "../secrets/open-keyring.ts";

/** What the functions are made of, beside what only one of them needs. Each takes its part. */
export interface Dependencies extends Policy {
  readonly sessionTtlHours: number;
  /**
   * Whether PocketPaw is behind the gateway. Its routes then get a cookie for it; and its dashboard exchanges by
   * script, and needs the session cookie.
   */
  readonly hasPocketPaw: boolean;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * The settings of a function, and the keyring, clock and log that it has on Lambda.
 *
 * @throws Error when Lambda's own settings are missing (lib/secrets/aws-environment.ts)
 */
export async function openDependencies<S extends KeyringSettings>(settings: S) {
  const keyring = await openKeyring(settings, writeLog);
  return { ...settings, keyring, now: Date.now, log: writeLog };
}
