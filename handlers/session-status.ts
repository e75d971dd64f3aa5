import { createSessionStatus } from "../lib/functions/session-status.ts";

export const handler = createSessionStatus({ now: Date.now });
