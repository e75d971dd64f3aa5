import { readKeyringSettings } from "./keyring.ts";
import type { Environment } from "./settings.ts";
import { PUBLIC_URL, SESSION_TTL_HOURS } from "./shared.ts";

/**
 * Reads the settings of the qr function.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed
 */
export function readQrSettings(environment: Environment) {
  const own = { sessionTtlHours: SESSION_TTL_HOURS, publicUrl: PUBLIC_URL };
  return readKeyringSettings(own, environment);
}
