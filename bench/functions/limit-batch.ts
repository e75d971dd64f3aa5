import { call, SECRET_IDS } from "./by-hand.ts";

/** The limit with one request for both secrets. */
const output = await call("BatchGetSecretValue", { SecretIdList: SECRET_IDS }, false);

export const handler = async () => ({ isAuthorized: "SecretValues" in output });
