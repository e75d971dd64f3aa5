import { type Accepts, authenticate } from "../../lib/auth/authenticate.ts";
import { createTestKeyring } from "./keyring.ts";

/** What is accepted by default. */
export const DEFAULT: Accepts = { master: true, native: false };

/** A cold keyring, and what is decided by it. */
export function openAuthentication() {
  const context = createTestKeyring();
  const now = context.clock.seconds();
  const authenticateAll = (credentials: string[], accepts = DEFAULT) =>
    authenticate(credentials, context.keyring, accepts, context.clock.seconds());
  return { ...context, now, exp: now + 3600, authenticateAll };
}
