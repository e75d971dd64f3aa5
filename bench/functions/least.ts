import { createHmac, createSecretKey } from "node:crypto";

/** The least that an authorizer does for a request: one HMAC, and one line of log. */
const key = createSecretKey(Buffer.alloc(32));

export const handler = async (event: { headers: { authorization: string } }) => {
  const mac = createHmac("sha256", key).update(event.headers.authorization).digest("hex");
  process.stdout.write(`{"level":"INFO","event":"authorization","sessionId":"${mac}"}\n`);
  return { isAuthorized: true };
};
