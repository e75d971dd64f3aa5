import { fieldOf } from "./fields.ts";
import { stringsOf, valuesOf } from "./headers.ts";

/**
 * The parts of a request that may carry a credential, as API Gateway hands them over in any of its
 * event kinds. All are `unknown`: an event is input, and a missing or odd part is no credential.
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
  /** What an HTTP API files a cached result under. A REST API does not tell. */
  readonly identitySource?: unknown;
  /** A REST API TOKEN authorizer's only part: the value of the header it was set to. */
  readonly authorizationToken?: unknown;
}

/**
 * credentials = auth-scheme 1*SP token, the scheme in any case (RFC 9110 section 11.4). The token
 * is any visible ASCII: RFC 6750's b64token has no colon, and a session token has two.
 */
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/** The name under which PocketPaw keeps its own session token. */
const COOKIE = "pocketpaw_session";
const QUERY_PARAMETER = "token";

/**
 * The bearer tokens of the Authorization header (RFC 6750 section 2.1), in the order they stand.
 * None where there is no such header, another scheme, or nothing behind the scheme.
 */
export function findBearerTokens(request: RequestParts): string[] {
  return unique(findAuthorization(request).flatMap((value) => BEARER.exec(value)?.[1] ?? []));
}

/**
 * All that may let the request in, without repetitions: bearer tokens, then the query parameter
 * `token`, then the cookie `pocketpaw_session`: the places where PocketPaw itself looks.
 *
 * Where API Gateway caches results, it files them under the identity sources. A credential from
 * elsewhere would let in whoever sends the same identity source, say `Authorization: Bearer null`, for
 * as long as the result is cached: only what stands in the identity sources counts then.
 */
export function findCredentials(request: RequestParts): string[] {
  const found = unique([
    ...findBearerTokens(request),
    ...findQueryTokens(request),
    ...findCookieTokens(request),
  ]);
  const sources = identitySources(request);
  if (sources.length === 0) return found;
  return found.filter((token) => sources.some((source) => source.includes(token)));
}

/** Of an event that does not tell: the Authorization header, which a REST API takes by default. */
function identitySources(request: RequestParts): string[] {
  const told = stringsOf(request.identitySource);
  return told.length > 0 || request.version === "2.0" ? told : findAuthorization(request);
}

function findAuthorization(request: RequestParts): string[] {
  return [
    ...stringsOf(request.authorizationToken),
    ...valuesOf(request.headers, "authorization"),
    ...valuesOf(request.multiValueHeaders, "authorization"),
  ];
}

function findQueryTokens(request: RequestParts): string[] {
  // Payload 2.0 joins repeated parameters with commas, so its raw query string is the better source.
  if (typeof request.rawQueryString === "string" && request.rawQueryString !== "") {
    return new URLSearchParams(request.rawQueryString).getAll(QUERY_PARAMETER).filter(Boolean);
  }
  return [
    ...stringsOf(fieldOf(request.queryStringParameters, QUERY_PARAMETER)),
    ...stringsOf(fieldOf(request.multiValueQueryStringParameters, QUERY_PARAMETER)),
  ];
}

function findCookieTokens(request: RequestParts): string[] {
  // Payload 2.0 has cookies in a list of their own; all other events leave them in the header.
  const pairs = [
    ...stringsOf(request.cookies),
    ...valuesOf(request.headers, "cookie"),
    ...valuesOf(request.multiValueHeaders, "cookie"),
  ].flatMap((header) => header.split(";"));
  return pairs.flatMap((pair) => {
    const [name = "", ...rest] = pair.split("=");
    if (name.trim() !== COOKIE) return [];
    // cookie-value = *cookie-octet / ( DQUOTE *cookie-octet DQUOTE ), RFC 6265 section 4.1.1
    const value = rest.join("=").trim();
    return stringsOf(value.replace(/^"(.*)"$/, "$1"));
  });
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
