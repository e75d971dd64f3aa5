import { readKeyringSettings } from "./keyring.ts";
import type { Environment } from "./settings.ts";
import { ACCEPT_NATIVE_TOKENS, ALLOWED_ORIGINS, PUBLIC_URL, SESSION_TTL_HOURS } from "./shared.ts";

/**
 * Reads the settings of the login function.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed
 */
export function readLoginSettings(environment: Environment) {
  const own = {
    sessionTtlHours: SESSION_TTL_HOURS,
    acceptNativeTokens: ACCEPT_NATIVE_TOKENS,
    publicUrl: PUBLIC_URL,
    allowedOrigins: ALLOWED_ORIGINS,
  };
  return readKeyringSettings(own, environment);
}
