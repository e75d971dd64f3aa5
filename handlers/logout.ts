import { readLogoutSettings } from "../lib/config/logout.ts";
import { allowedOriginsOf } from "../lib/config/shared.ts";
import { createLogout } from "../lib/functions/logout.ts";
import { writeLog } from "../lib/log.ts";

const settings = readLogoutSettings(process.env);

export const handler = createLogout({ allowedOrigins: allowedOriginsOf(settings), log: writeLog });
