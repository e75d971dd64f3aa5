import { createAuthorizer } from "../../lib/functions/authorizer.ts";
import { createSession } from "../../lib/functions/session.ts";
import { openKeyring } from "../../lib/secrets/open-keyring.ts";
import { documented } from "./documented.ts";
import { bearer, exchangeRequest, httpApi2, restRequest } from "./events.ts";
import { KEYRING_SETTINGS } from "./handlers.ts";
import { createTestLog } from "./logs.ts";
import { AWS_ENVIRONMENT } from "./secrets-manager.ts";

Object.assign(process.env, AWS_ENVIRONMENT);

/**
 * A container of each function, loaded as on AWS: after the first read of both secrets.
 *
 * @param url Secrets Manager's endpoint
 * @param now wall clock, milliseconds
 */
export async function openContainer(url: string, now: () => number = Date.now) {
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = url;
  const { log, entries } = createTestLog();
  const keyring = await openKeyring(KEYRING_SETTINGS, log, now);
  const dependencies = { keyring, now, log };
  const session = documented(
    "POST /auth/session",
    createSession({ ...dependencies, sessionTtlHours: 24, setsCookie: false }),
  );
  const authorizer = createAuthorizer({
    ...dependencies,
    accepts: ["session", "pairing", "master"],
    allowedOrigins: [],
  });
  return {
    entries,
    exchange: (token: string) => session(exchangeRequest(bearer(token))),
    authorize: (token: string) => authorizer(httpApi2(bearer(token))),
    authorizeRest: (token: string) => authorizer(restRequest(bearer(token))),
  };
}
