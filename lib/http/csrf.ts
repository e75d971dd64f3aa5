import { originOf } from "./host.ts";
import type { Request } from "./request.ts";

/** RFC 9110 section 9.2.1, without TRACE, which a browser never sends. */
const SAFE_METHODS: readonly unknown[] = ["GET", "HEAD", "OPTIONS"];

/** What says which page made a request. */
type Sender = Pick<Request, "host" | "origins" | "fetchSites">;

/**
 * Whether the browser's cookie counts for this request. A browser adds the cookie on its own, also
 * when a page of another origin of the same site makes the request (SameSite=Strict excludes only
 * other sites). So an unsafe request, or a WebSocket handshake, must come from an allowed page.
 *
 * With a handshake a browser always sends `Origin`, and no `Sec-Fetch-Site`: there it must be one that is
 * allowed, also where another header is absent.
 *
 * @param allowedOrigins as for `isAllowedOrigin`
 */
export function mayUseCookie(
  request: Sender & Pick<Request, "method" | "isWebSocketHandshake">,
  allowedOrigins: readonly string[],
): boolean {
  if (request.isWebSocketHandshake) {
    const { origins } = request;
    return origins.length > 0 && (isOwn(request) || areAllowed(origins, allowedOrigins));
  }
  return SAFE_METHODS.includes(request.method) || isAllowedOrigin(request, allowedOrigins);
}

/**
 * Whether no page of another origin makes this request: the browser says so in `Sec-Fetch-Site`
 * (Fetch Metadata, section 2.3), or, where that is absent, `Origin` (RFC 6454 section 7) is absent or
 * the request's own; or the page's origin is one of the allowed ones. A page can set neither header.
 *
 * @param allowedOrigins other origins whose pages may use the cookie, serialized as in RFC 6454
 */
export function isAllowedOrigin(request: Sender, allowedOrigins: readonly string[]): boolean {
  const { origins, fetchSites } = request;
  if (areAllowed(origins, allowedOrigins)) return true;
  if (fetchSites.length > 0) {
    return fetchSites.every((site) => site === "same-origin" || site === "none");
  }
  return isOwn(request);
}

function areAllowed(origins: readonly string[], allowedOrigins: readonly string[]): boolean {
  return origins.length > 0 && origins.every((origin) => allowedOrigins.includes(origin));
}

/** Whether each `Origin`, if any, is that of the host that the request was sent to. */
function isOwn({ host, origins }: Sender): boolean {
  const own = host === undefined ? undefined : originOf(host);
  return origins.every((origin) => origin.toLowerCase() === own);
}
