import { readLoginSettings } from "../lib/config.ts";
import { createLogin } from "../lib/functions/login.ts";
import { writeLog } from "../lib/log.ts";
import { openKeyring } from "../lib/secrets/open-keyring.ts";

const settings = readLoginSettings(process.env);

export const handler = createLogin({
  ...settings,
  keyring: await openKeyring(settings, writeLog),
  now: Date.now,
  log: writeLog,
});
