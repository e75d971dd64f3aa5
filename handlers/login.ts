import { readLoginSettings } from "../lib/config.ts";
import { openDependencies } from "../lib/functions/dependencies.ts";
import { createLogin } from "../lib/functions/login.ts";

export const handler = createLogin(await openDependencies(readLoginSettings(process.env)));
