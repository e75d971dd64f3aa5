import { readSessionSettings } from "../lib/config.ts";
import { createSession } from "../lib/functions/session.ts";
import { writeLog } from "../lib/log.ts";
import { openKeyring } from "../lib/secrets/open-keyring.ts";

const settings = readSessionSettings(process.env);

export const handler = createSession({
  ...settings,
  keyring: await openKeyring(settings, writeLog),
  now: Date.now,
  log: writeLog,
});
