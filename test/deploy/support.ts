import { checkParameters } from "../../deploy/check.js";
import { PARAMETERS } from "../../deploy/parameters.js";
import { settingsFrom } from "../../deploy/settings.js";

const DEPLOYMENT = { service: "pocketpaw-session-gateway", stage: "dev", region: "eu-central-1" };

const DEFAULTS = Object.fromEntries(
  Object.entries(PARAMETERS).map(([name, { byDefault }]) => [name, byDefault]),
);

/**
 * The stack's settings for parameters beside the defaults.
 *
 * @throws Error as the deployment does
 */
export function check(parameters: Readonly<Record<string, unknown>>, deployment = {}) {
  const full = { ...DEPLOYMENT, ...deployment };
  return settingsFrom(checkParameters({ ...DEFAULTS, ...parameters }, full), full);
}
