import { readKeyringSettings } from "./keyring.ts";
import type { Environment } from "./settings.ts";
import { ACCEPT_NATIVE_TOKENS, SESSION_TTL_HOURS } from "./shared.ts";

/**
 * Reads the settings of the session function.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed
 */
export function readSessionSettings(environment: Environment) {
  const own = { sessionTtlHours: SESSION_TTL_HOURS, acceptNativeTokens: ACCEPT_NATIVE_TOKENS };
  return readKeyringSettings(own, environment);
}
