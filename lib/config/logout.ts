import { type Environment, readSettings } from "./settings.ts";
import { ALLOWED_ORIGINS, PUBLIC_URL } from "./shared.ts";

/**
 * Reads the settings of the logout function.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed
 */
export function readLogoutSettings(environment: Environment) {
  return readSettings({ publicUrl: PUBLIC_URL, allowedOrigins: ALLOWED_ORIGINS }, environment);
}
