export { healthz as handler } from "../lib/functions/healthz.ts";
