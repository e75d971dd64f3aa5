import { cookieValues, SESSION_COOKIE } from "./cookies.ts";
import { fieldOf } from "./fields.ts";
import { headerOf, stringsOf } from "./headers.ts";

/**
 * The parts of a request that may carry a credential, as API Gateway passes them in any of its event
 * kinds. All are `unknown`: an event is input, and a missing or malformed part is no credential.
 */
export interface RequestParts {
  readonly headers?: unknown;
  readonly multiValueHeaders?: unknown;
  readonly rawQueryString?: unknown;
  readonly queryStringParameters?: unknown;
  readonly multiValueQueryStringParameters?: unknown;
  readonly cookies?: unknown;
  /** `2.0` for an HTTP API's newer payload; otherwise `1.0` or absent. */
  readonly version?: unknown;
  /** `TOKEN` or `REQUEST`. */
  readonly type?: unknown;
  /** The key under which an HTTP API caches the result. A REST API does not tell. */
  readonly identitySource?: unknown;
  /** A REST API TOKEN authorizer's only part: the value of its token source. */
  readonly authorizationToken?: unknown;
}

/** A token, and where the request had it. */
export interface Credential {
  readonly token: string;
  /** `token_source`: the whole value of a TOKEN authorizer's header, without a scheme. */
  readonly source: "authorization" | "token_source" | "query" | "cookie" | "body";
}

/**
 * credentials = auth-scheme 1*SP token, the scheme in any case (RFC 9110 section 11.4). The token
 * is any visible ASCII: RFC 6750's b64token has no colon, and a session token has two.
 */
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

const QUERY_PARAMETER = "token";

/**
 * The bearer tokens of the Authorization header (RFC 6750 section 2.1), in order, without
 * repetitions. None where the header is absent, has another scheme, or no token behind it.
 */
export function findBearerTokens(request: RequestParts): Credential[] {
  const tokens = authorizationOf(request).flatMap((value) => BEARER.exec(value)?.[1] ?? []);
  return unique(tokens.map((token) => ({ token, source: "authorization" })));
}

/**
 * All credentials of the request, without repetitions: bearer tokens, then the query parameter
 * `token`, then the cookie `pocketpaw_session`, the places where PocketPaw itself looks. A token that
 * is in several places counts for the first of them: the cookie is last, because it may count
 * for nothing (lib/http/csrf.ts).
 *
 * Where API Gateway caches results, it does so under the identity sources. A credential from
 * elsewhere would allow every request with the same identity source, such as `Authorization: Bearer
 * null`, for as long as the result is cached: then only what is in the identity sources counts.
 */
export function findCredentials(request: RequestParts): Credential[] {
  const found = unique([
    ...findBearerTokens(request),
    ...bareTokens(request),
    ...queryTokens(request).map((token) => ({ token, source: "query" as const })),
    ...cookieValues(request, SESSION_COOKIE).map((token) => ({ token, source: "cookie" as const })),
  ]);
  const sources = identitySources(request);
  if (sources.length === 0) return found;
  return found.filter(({ token }) => sources.some((source) => contains(source, token)));
}

/** Whether an identity source holds the token, as it is or percent-encoded. */
function contains(source: string, token: string): boolean {
  return source.includes(token) || source.includes(encodeURIComponent(token));
}

/** Of an event that does not tell: the Authorization header, a REST API's default. */
function identitySources(request: RequestParts): string[] {
  const sources = stringsOf(request.identitySource);
  return sources.length > 0 || request.version === "2.0" ? sources : authorizationOf(request);
}

function authorizationOf(request: RequestParts): string[] {
  return [...stringsOf(request.authorizationToken), ...headerOf(request, "authorization")];
}

/** A TOKEN authorizer's token source may be any header, which then holds the token without a scheme. */
function bareTokens({ type, authorizationToken }: RequestParts): Credential[] {
  if (type !== "TOKEN") return [];
  const tokens = stringsOf(authorizationToken).filter((value) => /^[\x21-\x7e]+$/.test(value));
  return tokens.map((token) => ({ token, source: "token_source" }));
}

function queryTokens(request: RequestParts): string[] {
  // Payload 2.0 joins repeated parameters with commas, so its raw query string is the better source.
  if (typeof request.rawQueryString === "string" && request.rawQueryString !== "") {
    return new URLSearchParams(request.rawQueryString).getAll(QUERY_PARAMETER).filter(Boolean);
  }
  return [
    ...stringsOf(fieldOf(request.queryStringParameters, QUERY_PARAMETER)),
    ...stringsOf(fieldOf(request.multiValueQueryStringParameters, QUERY_PARAMETER)),
  ];
}

function unique(credentials: Credential[]): Credential[] {
  if (credentials.length < 2) return credentials;
  const seen = new Set<string>();
  return credentials.filter(({ token }) => !seen.has(token) && seen.add(token));
}
