import { readAuthorizerSettings } from "../lib/config.ts";
import { createAuthorizer } from "../lib/functions/authorizer.ts";
import { openDependencies } from "../lib/functions/dependencies.ts";

export const handler = createAuthorizer(
  await openDependencies(readAuthorizerSettings(process.env)),
);
