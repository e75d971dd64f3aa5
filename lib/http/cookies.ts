import { isLoopbackHost } from "./host.ts";

/**
 * The name of the session cookie. By the prefix `__Host-` a browser takes it from this host alone, over
 * https; over http, which loopback hosts speak, no browser takes that prefix. PocketPaw's own dashboard
 * has the cookie `pocketpaw_session` on the same loopback host, since cookies ignore ports.
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#name-the-__host-prefix
 *
 * @param host the request's; undefined where it is not known
 */
export function sessionCookieName(host: string | undefined): string {
  const isLoopback = host !== undefined && isLoopbackHost(host);
  return isLoopback ? "pocketpaw_gateway_session" : "__Host-pocketpaw_session";
}

/**
 * The `Set-Cookie` header of a browser session (RFC 6265 section 4.1). It is HttpOnly, so that no
 * script reads it; SameSite=Strict, so that no page of another site can send it; and Secure, except on
 * a loopback host.
 *
 * @param host the request's
 * @param token only cookie-octets, as in every token of ours
 * @param maxAge seconds left; 0 or less deletes the cookie
 */
export function sessionCookie(host: string | undefined, token: string, maxAge: number): string {
  const name = sessionCookieName(host);
  const secure = name.startsWith("__Host-") ? " Secure;" : "";
  return `${name}=${token}; Path=/; HttpOnly;${secure} SameSite=Strict; Max-Age=${Math.max(0, maxAge)}`;
}

/** The `Set-Cookie` header that deletes the session cookie. */
export function deletedSessionCookie(host: string | undefined): string {
  return sessionCookie(host, "", 0);
}

/**
 * White space that is not HTTP's own stays a part of a name: a browser takes a cookie `<U+2000>__Host-…` from a page
 * of a sibling domain, since it has not the prefix.
 */
const NOT_ASCII = /[^\t -~]/;

/**
 * The values of one cookie, in order, unquoted and percent-decoded: many libraries encode a value
 * that has a colon. A value that cannot be decoded is returned as it is.
 *
 * @param headers `Cookie` headers, or payload 2.0's list of cookies
 */
export function cookieValues(headers: readonly string[], name: string): string[] {
  return headers
    .flatMap((header) => header.split(";"))
    .flatMap((pair) => {
      const separator = pair.indexOf("=");
      const found = pair.slice(0, separator);
      if (separator === -1 || found.trim() !== name || NOT_ASCII.test(found)) return [];
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
