import { readAuthorizerSettings } from "../lib/config.ts";
import { createVerify } from "../lib/functions/verify.ts";
import { writeLog } from "../lib/log.ts";
import { openKeyring } from "../lib/secrets/open-keyring.ts";

const settings = readAuthorizerSettings(process.env);

export const handler = createVerify({
  ...settings,
  keyring: await openKeyring(settings, writeLog),
  now: Date.now,
  log: writeLog,
});
