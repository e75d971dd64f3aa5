import { readLogoutSettings } from "../lib/config.ts";
import { createLogout } from "../lib/functions/logout.ts";
import { writeLog } from "../lib/log.ts";

export const handler = createLogout({ ...readLogoutSettings(process.env), log: writeLog });
