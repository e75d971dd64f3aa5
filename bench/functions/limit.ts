import { call, SECRET_IDS } from "./by-hand.ts";

/** The limit: each read over a connection of its own, both at once. */
const secrets = await Promise.all(
  SECRET_IDS.map((SecretId) => call("GetSecretValue", { SecretId }, false)),
);

export const handler = async () => ({
  isAuthorized: secrets.every((secret) => "SecretString" in secret),
});
