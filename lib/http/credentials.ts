import { cookieValues, sessionCookieName } from "./cookies.ts";

/** A token, and where the request had it. */
export interface Credential {
  readonly token: string;
  /** `token_source`: the whole value of a TOKEN authorizer's header, without a scheme. */
  readonly source: "authorization" | "token_source" | "query" | "cookie" | "body";
}

/** The parts of a request that may carry a credential. */
export interface CredentialParts {
  /** Values of the header `Authorization`. */
  readonly authorization: readonly string[];
  /** Values of the one header that a REST API's TOKEN authorizer gets, which may have no scheme. */
  readonly tokenSource: readonly string[];
  /** Values of the query parameter `token`. */
  readonly query: readonly string[];
  /** `Cookie` headers. */
  readonly cookies: readonly string[];
  /** The request's host, which says what the session cookie is called; without one, no cookie counts. */
  readonly host: string | undefined;
  /** The values under which API Gateway caches the result; none where it caches nothing. */
  readonly identitySources: readonly string[];
}

/**
 * credentials = auth-scheme 1*SP token, the scheme in any case (RFC 9110 section 11.4). The token
 * is any visible ASCII: RFC 6750's b64token has no colon, and a session token has two.
 */
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * All credentials of a request, without repetitions: bearer tokens (RFC 6750 section 2.1), then the query
 * parameter `token`, then the session cookie. A token that is in several places counts for the first of
 * them: the cookie is last, because it may count for nothing (lib/http/csrf.ts).
 *
 * Where API Gateway caches results, it does so under the identity sources. A credential from
 * elsewhere would allow every request with the same identity source, such as `Authorization: Bearer
 * null`, for as long as the result is cached: then only what is in the identity sources counts.
 */
export function credentialsOf(parts: CredentialParts): readonly Credential[] {
  const { host, identitySources } = parts;
  const bearer = parts.authorization.flatMap((value) => BEARER.exec(value)?.[1] ?? []);
  const bare = parts.tokenSource.filter((value) => VISIBLE_ASCII.test(value));
  const cookies = host === undefined ? [] : cookieValues(parts.cookies, sessionCookieName(host));
  const found = unique([
    ...bearer.map((token) => ({ token, source: "authorization" as const })),
    ...bare.map((token) => ({ token, source: "token_source" as const })),
    ...parts.query.map((token) => ({ token, source: "query" as const })),
    ...cookies.map((token) => ({ token, source: "cookie" as const })),
  ]);
  if (identitySources.length === 0) return found;
  return found.filter(({ token }) => identitySources.some((source) => contains(source, token)));
}

/** Whether an identity source holds the token, as it is or percent-encoded. */
function contains(source: string, token: string): boolean {
  return source.includes(token) || source.includes(encodeURIComponent(token));
}

function unique(credentials: readonly Credential[]): readonly Credential[] {
  if (credentials.length < 2) return credentials;
  const seen = new Set<string>();
  return credentials.filter(({ token }) => !seen.has(token) && seen.add(token));
}
