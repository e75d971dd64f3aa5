import { baseUrl, flag, origins, wholeNumber } from "./parsers.ts";

/** How long a session is valid. */
export const SESSION_TTL_HOURS = wholeNumber("SESSION_TTL_HOURS", 24, [1, 720]);

/** Set with PocketPaw behind the gateway: its tokens are accepted, and made for it. */
export const ACCEPT_NATIVE_TOKENS = flag("ACCEPT_NATIVE_TOKENS", false);

/** Where browsers find the gateway; null: at the request's own host. */
export const PUBLIC_URL = baseUrl("PUBLIC_URL");

/** Other origins whose pages may use the cookie. */
export const ALLOWED_ORIGINS = origins("ALLOWED_ORIGINS");

/** The origins whose pages may use the cookie, beside the request's own (lib/http/csrf.ts). */
export function allowedOriginsOf(settings: {
  readonly publicUrl: string | null;
  readonly allowedOrigins: readonly string[];
}): readonly string[] {
  const { publicUrl, allowedOrigins } = settings;
  return publicUrl === null ? allowedOrigins : [new URL(publicUrl).origin, ...allowedOrigins];
}
