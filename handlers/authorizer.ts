import { readAuthorizerSettings } from "../lib/config/authorizer.ts";
import { allowedOriginsOf } from "../lib/config/shared.ts";
import { acceptedMethods, createAuthorizer } from "../lib/functions/authorizer.ts";
import { writeLog } from "../lib/log.ts";
import { openKeyring } from "../lib/secrets/open-keyring.ts";

const settings = readAuthorizerSettings(process.env);

export const handler = createAuthorizer({
  keyring: await openKeyring(settings, writeLog),
  accepts: acceptedMethods(settings),
  allowedOrigins: allowedOriginsOf(settings),
  now: Date.now,
  log: writeLog,
});
