import { findBearerTokens } from "./credentials.ts";
import { valuesOf } from "./headers.ts";

/**
 * Whether a page of another origin may be using a cookie that the browser added by itself. Browsers
 * send `Origin` with every POST (Fetch standard, section 3.2); a bearer token no page can add
 * without the API's consent, so a request that has one is its sender's own.
 *
 * PocketPaw's cookie is SameSite=Lax, which keeps out other sites, but not a sibling's page at
 * another host name or port of the same site.
 *
 * @param headers an event's `headers`
 */
export function isCrossOrigin(headers: unknown): boolean {
  const [origin] = valuesOf(headers, "origin");
  if (origin === undefined || findBearerTokens({ headers }).length > 0) return false;
  const [host] = valuesOf(headers, "host");
  // `null`, the origin of a sandboxed page, is no URL.
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
