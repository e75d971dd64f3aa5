import { readKeyringSettings } from "./keyring.ts";
import { flag } from "./parsers.ts";
import type { Environment } from "./settings.ts";
import { ACCEPT_NATIVE_TOKENS, ALLOWED_ORIGINS, PUBLIC_URL } from "./shared.ts";

/**
 * Reads the settings of the authorizer function.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed
 */
export function readAuthorizerSettings(environment: Environment) {
  const own = {
    acceptMasterToken: flag("ACCEPT_MASTER_TOKEN", true),
    acceptNativeTokens: ACCEPT_NATIVE_TOKENS,
    publicUrl: PUBLIC_URL,
    allowedOrigins: ALLOWED_ORIGINS,
  };
  return readKeyringSettings(own, environment);
}
