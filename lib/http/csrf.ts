import { isLoopbackHost } from "./cookies.ts";
import { fieldOf } from "./fields.ts";
import { headerOf } from "./headers.ts";

/** RFC 9110 section 9.2.1, without TRACE, which a browser never sends. */
const SAFE_METHODS: readonly unknown[] = ["GET", "HEAD", "OPTIONS"];

/**
 * Whether the browser's cookie counts for this request. A browser adds the cookie on its own, also
 * when a page of another origin of the same site makes the request (SameSite=Lax excludes only
 * other sites). So an unsafe request, or a WebSocket handshake, must come from an allowed page.
 *
 * @param event of any kind of authorizer
 * @param allowedOrigins as for `isAllowedOrigin`
 */
export function mayUseCookie(event: unknown, allowedOrigins: readonly string[]): boolean {
  const isSafe = SAFE_METHODS.includes(methodOf(event)) && !isWebSocketHandshake(event);
  return isSafe || isAllowedOrigin(event, allowedOrigins);
}

/**
 * Whether no page of another origin makes this request: the browser says so in `Sec-Fetch-Site`
 * (Fetch Metadata, section 2.3), or, where that is absent, `Origin` (RFC 6454 section 7) is absent or
 * the request's own; or the page's origin is one of the allowed ones. A page can set neither header.
 *
 * @param event of any kind
 * @param allowedOrigins other origins whose pages may use the cookie, serialized as in RFC 6454
 */
export function isAllowedOrigin(event: unknown, allowedOrigins: readonly string[]): boolean {
  const origins = headerOf(event, "origin");
  if (origins.length > 0 && origins.every((origin) => allowedOrigins.includes(origin))) return true;
  const sites = headerOf(event, "sec-fetch-site");
  if (sites.length > 0) return sites.every((site) => site === "same-origin" || site === "none");
  const own = ownOrigin(event);
  return origins.every((origin) => origin.toLowerCase() === own);
}

/** uri-host [":" port], RFC 9110 section 7.2, with the host names that DNS knows and IP addresses. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$/i;

/**
 * The origin that the request was sent to: its `Host` with https, or with http for a loopback host.
 * Undefined where there is not exactly one `Host`, or what it says is no host.
 */
export function ownOrigin(event: unknown): string | undefined {
  const [host, ...others] = headerOf(event, "host");
  if (host === undefined || others.length > 0 || !HOST.test(host)) return undefined;
  return `${isLoopbackHost(host) ? "http" : "https"}://${host.toLowerCase()}`;
}

/** HTTP API payload 2.0 has the method in the request context, all others beside it. */
function methodOf(event: unknown): unknown {
  const http = fieldOf(fieldOf(event, "requestContext"), "http");
  return fieldOf(http, "method") ?? fieldOf(event, "httpMethod");
}

/** RFC 6455 section 4.1; a WebSocket API names it in its event. */
function isWebSocketHandshake(event: unknown): boolean {
  return (
    fieldOf(fieldOf(event, "requestContext"), "eventType") === "CONNECT" ||
    headerOf(event, "upgrade").some((value) => /(^|,)\s*websocket\s*(,|$|\/)/i.test(value))
  );
}
