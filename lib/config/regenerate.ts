import { type Environment, readVariables, secretId, type Variable } from "./settings.ts";

const VARIABLES = {
  masterTokenSecretId: secretId("MASTER_TOKEN_SECRET_ID"),
  /** Where PocketPaw is, when one stands behind the gateway; else null. */
  originUrl: originUrl("ORIGIN_URL"),
};

/**
 * Reads the settings of the regenerate function from environment variables.
 *
 * @throws Error naming each bad variable, what was found, and what it takes
 */
export function readRegenerateConfig(environment: Environment = process.env) {
  return readVariables(VARIABLES, environment);
}

/** A URL that paths are appended to; credentials in it would end up in logs. */
function originUrl(name: string): Variable<string | null> {
  const pattern = /^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*[^\s?#\\/])?$/;
  return {
    name,
    takes: "an http or https URL without credentials, query, fragment and slash at the end",
    byDefault: null,
    parse: (text) => (pattern.test(text) && URL.canParse(text) ? text : undefined),
  };
}
