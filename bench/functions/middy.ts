import middy from "@middy/core";
import secretsManager from "@middy/secrets-manager";

/** Reads both secrets for each request, as middy caches them. */
const { MASTER_TOKEN_SECRET_ID = "", HMAC_KEY_SECRET_ID = "", SECRETS_FRESH_SECONDS } = process.env;

export const handler = middy()
  .use(
    secretsManager({
      fetchData: { masterToken: MASTER_TOKEN_SECRET_ID, hmacKey: HMAC_KEY_SECRET_ID },
      cacheExpiry: Number(SECRETS_FRESH_SECONDS) * 1000,
      setToContext: true,
    }),
  )
  .handler(async (_event, context: { masterToken?: unknown; hmacKey?: unknown }) => ({
    isAuthorized: Boolean(context.masterToken && context.hmacKey),
  }));
