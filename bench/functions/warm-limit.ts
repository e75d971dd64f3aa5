import { createHmac, createSecretKey, hash, timingSafeEqual } from "node:crypto";

/**
 * The authorizer's work for one accepted session token, written out for just that: the MAC, compared in
 * constant time, sessionId, the same line of log, the same response. Without settings, other places of
 * a credential, refreshes, renewal, rotation, CSRF or other kinds of events.
 */
const key = createSecretKey(Buffer.alloc(32));
const TOKEN = /^Bearer (session:([1-9][0-9]{0,14})):([0-9a-f]{64})$/;
const masterTokenVersion = "b6f1c0de-0000-4000-8000-000000000001";

interface Event {
  readonly headers: { readonly authorization: string };
  readonly requestContext: { readonly requestId: string; readonly http: { sourceIp: string } };
}

export const handler = async ({ headers, requestContext }: Event) => {
  const [, message = "", exp = "", mac = ""] = TOKEN.exec(headers.authorization) ?? [];
  const expected = createHmac("sha256", key).update(message).digest("hex");
  // The key is not the one that signed the token: only the time that the comparison takes counts.
  timingSafeEqual(Buffer.from(expected), Buffer.from(mac));
  const sessionId = hash("sha256", headers.authorization.slice(7), "hex").slice(0, 16);
  const line = {
    timestamp: new Date().toISOString(),
    level: "INFO",
    event: "authorization",
    requestId: requestContext.requestId,
    sourceIp: requestContext.http.sourceIp,
    outcome: "allowed",
    method: "session",
    sessionId,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  const context = { method: "session", sessionId, masterTokenVersion, expiresAt: exp };
  return { isAuthorized: Number(exp) > Date.now() / 1000, context };
};
