import { type Credential, credentialsOf } from "./credentials.ts";
import { fieldOf, stringsOf } from "./fields.ts";
import { type Headers, readHeaders } from "./headers.ts";
import { onlyHost } from "./host.ts";
import { decodedPath } from "./path.ts";
import { type RequestInfo, requestInfoOf } from "./request-info.ts";

/** A request as plain data, whatever kind of event it came in. A malformed part is an absent one. */
export interface Request {
  /** What a log line says of the request. */
  readonly info: RequestInfo;
  /** The API's route, such as `GET /api/{proxy+}`; an HTTP API names it. */
  readonly routeKey: string | undefined;
  readonly method: string | undefined;
  /** Decoded once, without the query. */
  readonly path: string | undefined;
  /** In lower case; undefined where there is not exactly one host. */
  readonly host: string | undefined;
  /** The values of `Origin` and of `Sec-Fetch-Site`. */
  readonly origins: readonly string[];
  readonly fetchSites: readonly string[];
  readonly isWebSocketHandshake: boolean;
  /** In the order in which they are tried. */
  readonly credentials: readonly Credential[];
  /** As API Gateway passes it: base64 where `isBase64Encoded`. */
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
  /** What an authorizer said of the caller, on a route behind it (payload 2.0). */
  readonly authorizerContext: unknown;
  /** Of an authorizer's event: the payload's version, and the ARN that a policy is about. */
  readonly version: string | undefined;
  readonly methodArn: string | undefined;
}

/** PocketPaw's WebSocket. Chromium sends `Sec-WebSocket-Key`, which a proxy may not pass on. */
const WEBSOCKET_PATHS: readonly unknown[] = ["/ws", "/v1/ws", "/api/v1/ws"];

/**
 * The request in an event of API Gateway's, of any kind.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 *
 * @param context Lambda's
 */
export function readRequest(event: unknown, context?: unknown): Request {
  const headers = readHeaders(event);
  const host = onlyHost(headers("host"));
  const requestContext = fieldOf(event, "requestContext");
  const isConnect = fieldOf(requestContext, "eventType") === "CONNECT";
  const authorization = headers("authorization");
  const tokenSource = stringsOf(fieldOf(event, "authorizationToken"));
  return {
    ...envelopeOf(event, headers, context),
    // HTTP API payload 2.0 has the method in the request context, all others beside it.
    method: textOf(
      fieldOf(fieldOf(requestContext, "http"), "method") ?? fieldOf(event, "httpMethod"),
    ),
    // HTTP APIs decode it; no rule of ours concerns a path of another kind of API.
    path: textOf(fieldOf(event, "rawPath") ?? fieldOf(event, "path")),
    host,
    isWebSocketHandshake: isConnect || offersWebSocket(headers),
    credentials: credentialsOf({
      authorization: [...tokenSource, ...authorization],
      tokenSource: fieldOf(event, "type") === "TOKEN" ? tokenSource : [],
      query: queryTokens(event),
      cookies: [...stringsOf(fieldOf(event, "cookies")), ...headers("cookie")],
      host,
      identitySources: isConnect ? [] : identitySources(event, [...tokenSource, ...authorization]),
    }),
  };
}

/**
 * The request that a reverse proxy asks about at `GET /api/auth/verify`: its method, target and host come in
 * `X-Original-Method`, `X-Original-URI` and `X-Original-Host`. Its query is no source of credentials.
 *
 * @param event payload 2.0, of the proxy's own request
 * @param context Lambda's
 */
export function readOriginalRequest(event: unknown, context: unknown): Request {
  const headers = readHeaders(event);
  const host = onlyHost(headers("x-original-host"));
  const path = decodedPath(only(headers("x-original-uri")) ?? "");
  return {
    ...envelopeOf(event, headers, context),
    method: only(headers("x-original-method")),
    path,
    host,
    isWebSocketHandshake: WEBSOCKET_PATHS.includes(path) || offersWebSocket(headers),
    credentials: credentialsOf({
      authorization: headers("authorization"),
      tokenSource: [],
      query: [],
      cookies: [...stringsOf(fieldOf(event, "cookies")), ...headers("cookie")],
      host,
      identitySources: [],
    }),
  };
}

/** What does not depend on which request is meant. */
function envelopeOf(event: unknown, headers: Headers, context: unknown) {
  const authorizer = fieldOf(fieldOf(event, "requestContext"), "authorizer");
  return {
    info: requestInfoOf(event, headers, context),
    routeKey: textOf(fieldOf(event, "routeKey")),
    origins: headers("origin"),
    fetchSites: headers("sec-fetch-site"),
    body: textOf(fieldOf(event, "body")),
    isBase64Encoded: fieldOf(event, "isBase64Encoded") === true,
    authorizerContext: fieldOf(authorizer, "lambda"),
    version: textOf(fieldOf(event, "version")),
    methodArn: textOf(fieldOf(event, "methodArn")),
  };
}

/** RFC 6455 section 4.1. */
function offersWebSocket(headers: Headers): boolean {
  return (
    headers("sec-websocket-key").length > 0 ||
    headers("upgrade").some((value) => /(^|,)\s*websocket\s*(,|$|\/)/i.test(value))
  );
}

/**
 * An HTTP API names the identity sources' values, where it has any. A REST API does not, and its event has no
 * version: there, the Authorization header, its default, is taken for one. WebSocket APIs never cache.
 */
function identitySources(event: unknown, authorization: readonly string[]): readonly string[] {
  const named = stringsOf(fieldOf(event, "identitySource"));
  const version = fieldOf(event, "version");
  return named.length > 0 || version === "2.0" || version === "1.0" ? named : authorization;
}

function queryTokens(event: unknown): string[] {
  // Payload 2.0 joins repeated parameters with commas, so its raw query string is the better source.
  const rawQuery = textOf(fieldOf(event, "rawQueryString"));
  if (rawQuery) return new URLSearchParams(rawQuery).getAll("token").filter(Boolean);
  return [
    ...stringsOf(fieldOf(fieldOf(event, "queryStringParameters"), "token")),
    ...stringsOf(fieldOf(fieldOf(event, "multiValueQueryStringParameters"), "token")),
  ];
}

function only([value, ...others]: readonly string[]): string | undefined {
  return others.length === 0 ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
