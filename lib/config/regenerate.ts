import { baseUrl, optionalSecretId, secretId } from "./parsers.ts";
import { type Environment, readSettings } from "./settings.ts";
import { ACCEPT_NATIVE_TOKENS, SESSION_TTL_HOURS } from "./shared.ts";

/**
 * Reads the settings of the regenerate function.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed
 */
export function readRegenerateSettings(environment: Environment) {
  const own = {
    masterTokenSecretId: secretId("MASTER_TOKEN_SECRET_ID"),
    sessionTtlHours: SESSION_TTL_HOURS,
    acceptNativeTokens: ACCEPT_NATIVE_TOKENS,
    /** Where PocketPaw is, when one is behind the gateway; else null. */
    originUrl: baseUrl("ORIGIN_URL"),
    /** The secret that opens PocketPaw's reverse proxy; null where it needs none. */
    upstreamSecretId: optionalSecretId("UPSTREAM_SECRET_ID"),
  };
  return readSettings(own, environment);
}
