import { readLoginSettings } from "../lib/config/login.ts";
import { allowedOriginsOf } from "../lib/config/shared.ts";
import { createLogin } from "../lib/functions/login.ts";
import { writeLog } from "../lib/log.ts";
import { openKeyring } from "../lib/secrets/open-keyring.ts";

const settings = readLoginSettings(process.env);

export const handler = createLogin({
  keyring: await openKeyring(settings, writeLog),
  sessionTtlHours: settings.sessionTtlHours,
  isNative: settings.acceptNativeTokens,
  allowedOrigins: allowedOriginsOf(settings),
  now: Date.now,
  log: writeLog,
});
