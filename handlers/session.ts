import { readSessionSettings } from "../lib/config.ts";
import { openDependencies } from "../lib/functions/dependencies.ts";
import { createSession } from "../lib/functions/session.ts";

export const handler = createSession(await openDependencies(readSessionSettings(process.env)));
