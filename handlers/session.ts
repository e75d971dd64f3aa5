import { readSessionSettings } from "../lib/config/session.ts";
import { createSession } from "../lib/functions/session.ts";
import { writeLog } from "../lib/log.ts";
import { openKeyring } from "../lib/secrets/open-keyring.ts";

const settings = readSessionSettings(process.env);

export const handler = createSession({
  keyring: await openKeyring(settings, writeLog),
  sessionTtlHours: settings.sessionTtlHours,
  setsCookie: settings.acceptNativeTokens,
  now: Date.now,
  log: writeLog,
});
