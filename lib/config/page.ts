import { flag } from "./parsers.ts";
import { type Environment, readSettings } from "./settings.ts";

/**
 * Reads the settings of the page function.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed
 */
export function readPageSettings(environment: Environment) {
  return readSettings({ hasPocketPaw: flag("HAS_POCKETPAW", false) }, environment);
}
