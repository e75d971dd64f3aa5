import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewayTokenAuthorizerEvent,
} from "aws-lambda";

/** What a client sends, before API Gateway makes an event of it. */
export interface ClientRequest {
  /** `GET` by default. */
  method?: string;
  /** In the client's own spelling. */
  headers?: Record<string, string>;
  /** In order, repetitions included. */
  query?: [name: string, value: string][];
  /** `name=value` each. */
  cookies?: string[];
}

export type AuthorizerEvent =
  | APIGatewayRequestAuthorizerEventV2
  | APIGatewayRequestAuthorizerEvent
  | APIGatewayTokenAuthorizerEvent;

export const REQUEST_ID = "req-0001";
export const SOURCE_IP = "192.0.2.7";

const ACCOUNT = "123456789012";
const API_AND_STAGE = `arn:aws:execute-api:us-east-1:${ACCOUNT}:abcdef123/test`;

/** What an Allow policy must name: all of the events' API and stage. */
export const WHOLE_API_AND_STAGE = `${API_AND_STAGE}/*`;

/**
 * HTTP API, payload 2.0: lower-case names, repetitions joined by commas, cookies in a list.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function httpApi2(request: ClientRequest): APIGatewayRequestAuthorizerEventV2 {
  return {
    version: "2.0",
    type: "REQUEST",
    routeArn: `${API_AND_STAGE}/GET/request`,
    identitySource: [],
    routeKey: "GET /request",
    rawPath: "/test/request",
    rawQueryString: rawQueryString(request),
    cookies: request.cookies ?? [],
    headers: lowerCase(request.headers ?? {}),
    queryStringParameters: Object.fromEntries(
      namesIn(request).map((name) => [name, valuesIn(request, name).join(",")]),
    ),
    requestContext: contextV2(request.method ?? "GET", "/test/request"),
    pathParameters: {},
    stageVariables: {},
  };
}

/** HTTP API, payload 1.0 (same page): as REST, with a version and what the identity source found. */
export function httpApi1(request: ClientRequest): APIGatewayRequestAuthorizerEvent {
  const authorization = request.headers?.authorization ?? request.headers?.Authorization ?? "";
  return {
    version: "1.0",
    identitySource: authorization,
    authorizationToken: authorization,
    ...restRequest(request),
  } as APIGatewayRequestAuthorizerEvent;
}

/**
 * REST API, REQUEST: names in the client's spelling, cookies in their header.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 */
export function restRequest(request: ClientRequest): APIGatewayRequestAuthorizerEvent {
  const headers = {
    Accept: "*/*",
    ...request.headers,
    ...(request.cookies && { Cookie: request.cookies.join("; ") }),
  };
  return {
    type: "REQUEST",
    methodArn: `${API_AND_STAGE}/GET/request`,
    resource: "/request",
    path: "/request",
    httpMethod: request.method ?? "GET",
    headers,
    multiValueHeaders: inLists(headers),
    // The last value of a repeated parameter.
    queryStringParameters: Object.fromEntries(request.query ?? []),
    multiValueQueryStringParameters: Object.fromEntries(
      namesIn(request).map((name) => [name, valuesIn(request, name)]),
    ),
    pathParameters: {},
    stageVariables: { StageVar1: "stageValue1" },
    requestContext: {
      path: "/request",
      accountId: ACCOUNT,
      resourceId: "05c7jb",
      stage: "test",
      requestId: REQUEST_ID,
      identity: { apiKey: null, sourceIp: SOURCE_IP },
      resourcePath: "/request",
      httpMethod: request.method ?? "GET",
      apiId: "abcdef123",
    },
  } as unknown as APIGatewayRequestAuthorizerEvent;
}

/** REST API, TOKEN (same page): the value of one header, and nothing else of the request. */
export function restToken(request: ClientRequest): APIGatewayTokenAuthorizerEvent {
  return {
    type: "TOKEN",
    methodArn: `${API_AND_STAGE}/GET/request`,
    authorizationToken: request.headers?.authorization ?? request.headers?.Authorization ?? "",
  };
}

/**
 * WebSocket API, `$connect`: no path, no method, nor either of them in the ARN.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
 */
export function webSocketConnect(request: ClientRequest): APIGatewayRequestAuthorizerEvent {
  const { headers, multiValueHeaders, queryStringParameters, multiValueQueryStringParameters } =
    restRequest(request);
  return {
    type: "REQUEST",
    methodArn: `${API_AND_STAGE}/$connect`,
    headers: { ...headers, Connection: "upgrade", Upgrade: "websocket" },
    multiValueHeaders: { ...multiValueHeaders, Connection: ["upgrade"], Upgrade: ["websocket"] },
    queryStringParameters,
    multiValueQueryStringParameters,
    stageVariables: {},
    requestContext: {
      routeKey: "$connect",
      eventType: "CONNECT",
      extendedRequestId: REQUEST_ID,
      messageDirection: "IN",
      stage: "test",
      connectedAt: 1_674_162_806_344,
      identity: { sourceIp: SOURCE_IP },
      requestId: "chosen-by-the-client",
      domainName: "abcdef123.execute-api.us-east-1.amazonaws.com",
      connectionId: "EXAMPLE=",
      apiId: "abcdef123",
    },
  } as unknown as APIGatewayRequestAuthorizerEvent;
}

/** Every kind of event that the authorizer is invoked with. */
export const EVENT_KINDS: Record<string, (request: ClientRequest) => AuthorizerEvent> = {
  "HTTP API, payload 2.0": httpApi2,
  "HTTP API, payload 1.0": httpApi1,
  "REST API, REQUEST": restRequest,
  "REST API, TOKEN": restToken,
  "WebSocket API, $connect": webSocketConnect,
};

/** A request as a function behind an HTTP API gets it, payload 2.0; the route is its method and path. */
export function apiRequest(
  route: string,
  { body, isBase64Encoded = false, ...request }: ClientRequest & RequestBody,
): APIGatewayProxyEventV2 {
  const [method = "", path = ""] = route.split(" ");
  return {
    version: "2.0",
    routeKey: route,
    rawPath: path,
    rawQueryString: rawQueryString(request),
    cookies: request.cookies ?? [],
    headers: lowerCase(request.headers ?? {}),
    requestContext: contextV2(method, path),
    ...(body !== undefined && { body }),
    isBase64Encoded,
  };
}

interface RequestBody {
  body?: string;
  isBase64Encoded?: boolean;
}

/** `POST /api/auth/session`. */
export function exchangeRequest(request: ClientRequest): APIGatewayProxyEventV2 {
  return apiRequest("POST /api/auth/session", request);
}

/** `POST /api/auth/login` with a body: text as it is, else as JSON. */
export function loginRequest(body: unknown, request: ClientRequest = {}): APIGatewayProxyEventV2 {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return apiRequest("POST /api/auth/login", { ...request, body: text });
}

/** `GET /api/auth/session`, with what the authorizer found. */
export const statusRequest = (found: Record<string, string>) =>
  behindAuthorizer(apiRequest("GET /api/auth/session", {}), found);

/** `GET /api/qr`, with what the authorizer found, by default with the secret store's master token. */
export const qrRequest = (
  found: Record<string, string>,
  headers: Record<string, string> = { Host: "paw.example.com" },
) =>
  behindAuthorizer(apiRequest("GET /api/qr", { headers }), {
    masterTokenVersion: "master-1",
    ...found,
  });

function behindAuthorizer(
  { requestContext, ...event }: APIGatewayProxyEventV2,
  found: Record<string, string>,
): APIGatewayProxyEventV2WithLambdaAuthorizer<Record<string, string>> {
  return { ...event, requestContext: { ...requestContext, authorizer: { lambda: found } } };
}

/** The header of a bearer token. */
export function bearer(token: string): ClientRequest {
  return { headers: { Authorization: `Bearer ${token}` } };
}

function contextV2(method: string, path: string): APIGatewayProxyEventV2["requestContext"] {
  return {
    accountId: ACCOUNT,
    apiId: "abcdef123",
    domainName: "abcdef123.execute-api.us-east-1.amazonaws.com",
    domainPrefix: "abcdef123",
    http: { method, path, protocol: "HTTP/1.1", sourceIp: SOURCE_IP, userAgent: "agent" },
    requestId: REQUEST_ID,
    routeKey: `${method} ${path}`,
    stage: "$default",
    time: "12/Mar/2026:19:03:58 +0000",
    timeEpoch: 1_773_342_238_000,
  };
}

function rawQueryString({ query }: ClientRequest): string {
  return new URLSearchParams(query).toString();
}

function namesIn({ query = [] }: ClientRequest): string[] {
  return [...new Set(query.map(([name]) => name))];
}

function valuesIn({ query = [] }: ClientRequest, wanted: string): string[] {
  return query.flatMap(([name, value]) => (name === wanted ? [value] : []));
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function inLists(headers: Record<string, string>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}
