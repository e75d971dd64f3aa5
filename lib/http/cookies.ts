import { headerOf, stringsOf } from "./headers.ts";

/** The name of the session cookie: the one that PocketPaw itself reads. */
export const SESSION_COOKIE = "pocketpaw_session";

/** `localhost`, 127.0.0.0/8 (RFC 1122 section 3.2.1.3) and [::1], with a port or without. */
const LOOPBACK_HOST = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?$/i;

/** Whether a `Host` header names this machine itself. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK_HOST.test(host);
}

/**
 * The `Set-Cookie` header of a browser session (RFC 6265 section 4.1). It is HttpOnly, so that no
 * script reads it; SameSite=Lax, so that pages of other sites cannot send it with a POST; and
 * Secure, except on a loopback host, where browsers speak http.
 *
 * @param event the request's, for its host
 * @param token only cookie-octets, as in every token of ours
 * @param maxAge seconds left; 0 or less deletes the cookie
 */
export function sessionCookie(event: unknown, token: string, maxAge: number): string {
  const hosts = headerOf(event, "host");
  const isLoopback = hosts.length > 0 && hosts.every(isLoopbackHost);
  const secure = isLoopback ? "" : " Secure;";
  return `${SESSION_COOKIE}=${token}; Path=/; HttpOnly;${secure} SameSite=Lax; Max-Age=${Math.max(0, maxAge)}`;
}

/** The `Set-Cookie` header that deletes the session cookie. */
export function deletedSessionCookie(event: unknown): string {
  return sessionCookie(event, "", 0);
}

/**
 * The values of one cookie, in order, unquoted and percent-decoded: many libraries encode a value
 * that has a colon. A value that cannot be decoded is returned as it is.
 *
 * @param event of any kind: payload 2.0 has cookies in a list, all others in the `Cookie` header
 */
export function cookieValues(event: { readonly cookies?: unknown }, name: string): string[] {
  const headers = [...stringsOf(event.cookies), ...headerOf(event, "cookie")];
  return headers
    .flatMap((header) => header.split(";"))
    .flatMap((pair) => {
      const separator = pair.indexOf("=");
      if (separator === -1 || pair.slice(0, separator).trim() !== name) return [];
      // cookie-value = *cookie-octet / ( DQUOTE *cookie-octet DQUOTE ), RFC 6265 section 4.1.1
      const value = pair
        .slice(separator + 1)
        .trim()
        .replace(/^"(.*)"$/, "$1");
      return value === "" ? [] : [decoded(value)];
    });
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
