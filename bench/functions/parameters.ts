import { getSecret } from "@aws-lambda-powertools/parameters/secrets";

/** Reads both secrets for each request, as Powertools caches them. */
const { MASTER_TOKEN_SECRET_ID = "", HMAC_KEY_SECRET_ID = "", SECRETS_FRESH_SECONDS } = process.env;
const maxAge = Number(SECRETS_FRESH_SECONDS);

const read = () =>
  Promise.all([MASTER_TOKEN_SECRET_ID, HMAC_KEY_SECRET_ID].map((id) => getSecret(id, { maxAge })));
await read();

export const handler = async () => ({ isAuthorized: (await read()).every(Boolean) });
