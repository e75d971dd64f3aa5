import { readAuthorizerSettings } from "../lib/config.ts";
import { openDependencies } from "../lib/functions/dependencies.ts";
import { createVerify } from "../lib/functions/verify.ts";

export const handler = createVerify(await openDependencies(readAuthorizerSettings(process.env)));
