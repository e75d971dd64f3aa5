import { authenticate, type Method } from "../../lib/auth/authenticate.ts";
import type { Credential } from "../../lib/http/credentials.ts";
import { createTestKeyring } from "./keyring.ts";

/** What is accepted by default. */
export const DEFAULT: readonly Method[] = ["session", "pairing", "master"];

/** Tokens as they stand in an Authorization header. */
export const bearerCredentials = (tokens: readonly string[]): Credential[] =>
  tokens.map((token) => ({ token, source: "authorization" }));

/** A cold keyring, and what is decided by it. */
export function openAuthentication() {
  const context = createTestKeyring();
  const now = context.clock.seconds();
  const authenticateAll = (credentials: string[], accepts = DEFAULT) =>
    authenticate(bearerCredentials(credentials), context.keyring, accepts, context.clock.seconds());
  return { ...context, now, exp: now + 3600, authenticateAll };
}
