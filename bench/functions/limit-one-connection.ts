import { call, SECRET_IDS } from "./by-hand.ts";

/** The limit over one connection: HTTP/1.1 takes one request after the other. */
const { Agent } = process.getBuiltinModule("node:https");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const secrets = await Promise.all(
  SECRET_IDS.map((SecretId) => call("GetSecretValue", { SecretId }, agent)),
);
agent.destroy();

export const handler = async () => ({
  isAuthorized: secrets.every((secret) => "SecretString" in secret),
});
