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
  /** As an HTTP API decodes it; `/request` by default. */
  path?: string;
  /** The API's route; by default one that is not for PocketPaw. */
  routeKey?: string;
  /** In the client's own spelling; without a host, that of HOST. */
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

export const HOST = "paw.example.com";
const REQUEST_ID = "req-0001";
export const SOURCE_IP = "192.0.2.7";
/** What a log line says of such a request. */
export const INFO = { requestId: REQUEST_ID, sourceIp: SOURCE_IP };
/** The route of everything that goes to PocketPaw. */
export const TO_POCKETPAW = "ANY /api/{proxy+}";

const ACCOUNT = "123456789012";
const API_HOST = "abcdef123.execute-api.us-east-1.amazonaws.com";
const API_AND_STAGE = `arn:aws:execute-api:us-east-1:${ACCOUNT}:abcdef123/test`;

/** What an Allow policy must say: all of the events' API and stage. */
export const ALLOW_STATEMENT = {
  Action: "execute-api:Invoke",
  Effect: "Allow",
  Resource: `${API_AND_STAGE}/*`,
};

/**
 * HTTP API, payload 2.0: lower-case names, repetitions joined by commas, cookies in a list.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function httpApi2(request: ClientRequest): APIGatewayRequestAuthorizerEventV2 {
  const { method = "GET", path = "/request", routeKey = `${method} ${path}`, query = [] } = request;
  return {
    version: "2.0",
    type: "REQUEST",
    routeArn: `${API_AND_STAGE}/GET/request`,
    identitySource: [],
    routeKey,
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    cookies: request.cookies ?? [],
    headers: lowerCase(headersOf(request)),
    queryStringParameters: byName(query, (values) => values.join(",")),
    requestContext: contextV2(method, path),
    pathParameters: {},
    stageVariables: {},
  };
}

/** HTTP API, payload 1.0 (same page): as REST, with a version and what the identity source found. */
export function httpApi1(request: ClientRequest): APIGatewayRequestAuthorizerEvent {
  const identitySource = authorizationOf(request);
  return {
    ...restRequest(request),
    version: "1.0",
    identitySource,
    authorizationToken: identitySource,
  } as unknown as APIGatewayRequestAuthorizerEvent;
}

/**
 * REST API, REQUEST: names in the client's spelling, cookies in their header.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 */
export function restRequest(request: ClientRequest): APIGatewayRequestAuthorizerEvent {
  const { method = "GET", path = "/request", query = [] } = request;
  const headers: Record<string, string> = {
    Accept: "*/*",
    ...headersOf(request),
    ...(request.cookies && { Cookie: request.cookies.join("; ") }),
  };
  return {
    type: "REQUEST",
    methodArn: `${API_AND_STAGE}/GET/request`,
    resource: path,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: inLists(headers),
    // The last value of a repeated parameter.
    queryStringParameters: Object.fromEntries(query),
    multiValueQueryStringParameters: byName(query, (values) => values),
    pathParameters: {},
    stageVariables: { StageVar1: "stageValue1" },
    requestContext: {
      ...{ accountId: ACCOUNT, apiId: "abcdef123", resourceId: "05c7jb", stage: "test" },
      ...{ path, resourcePath: path, httpMethod: method, requestId: REQUEST_ID },
      identity: { apiKey: null, sourceIp: SOURCE_IP },
    },
  } as unknown as APIGatewayRequestAuthorizerEvent;
}

/** REST API, TOKEN (same page): the value of one header, and nothing else of the request. */
export function restToken(request: ClientRequest): APIGatewayTokenAuthorizerEvent {
  return {
    type: "TOKEN",
    methodArn: `${API_AND_STAGE}/GET/request`,
    authorizationToken: authorizationOf(request),
  };
}

/**
 * WebSocket API, `$connect`: no path, no method, nor either of them in the ARN.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
 */
export function webSocketConnect(request: ClientRequest): APIGatewayRequestAuthorizerEvent {
  const { path, httpMethod, resource, requestContext, ...rest } = restRequest(request);
  return {
    ...rest,
    methodArn: `${API_AND_STAGE}/$connect`,
    headers: { ...rest.headers, Connection: "upgrade", Upgrade: "websocket" },
    multiValueHeaders: { ...rest.multiValueHeaders, Upgrade: ["websocket"] },
    requestContext: {
      ...{ routeKey: "$connect", eventType: "CONNECT", messageDirection: "IN", stage: "test" },
      ...{ extendedRequestId: REQUEST_ID, requestId: "chosen-by-the-client" },
      ...{ connectedAt: 1_674_162_806_344, connectionId: "EXAMPLE=", apiId: "abcdef123" },
      identity: { sourceIp: SOURCE_IP },
      domainName: API_HOST,
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
  request: ClientRequest & { body?: string },
): APIGatewayProxyEventV2 {
  const [method = "", path = ""] = route.split(" ");
  const {
    type,
    routeArn,
    identitySource,
    headers = {},
    ...event
  } = httpApi2({
    ...request,
    method,
    path,
  });
  const { body } = request;
  return {
    ...(event as Omit<APIGatewayProxyEventV2, "headers">),
    headers: headers as Record<string, string>,
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
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

/** `GET /api/auth/verify`, as a proxy asks about a request; the query and a cookie for each as it came. */
export function verifyRequest(request: ClientRequest): APIGatewayProxyEventV2 {
  const { method = "GET", path = "/request", query = [] } = request;
  const { Host, host = Host, ...headers } = headersOf(request);
  const search = new URLSearchParams(query).toString();
  return apiRequest("GET /api/auth/verify", {
    cookies: request.cookies ?? [],
    headers: {
      ...headers,
      "X-Original-Method": method,
      "X-Original-URI": encodeURI(path) + (search && `?${search}`),
      "X-Original-Host": host ?? "",
      Host: API_HOST,
    },
  });
}

/** `GET /api/auth/session`, with what the authorizer found. */
export const statusRequest = (found: Record<string, string>) =>
  behindAuthorizer(apiRequest("GET /api/auth/session", {}), found);

/** `GET /api/qr`, with what the authorizer found, by default with the secret store's master token. */
export const qrRequest = (found: Record<string, string>, headers: Record<string, string> = {}) =>
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
export function bearer(token: string): ClientRequest & { headers: Record<string, string> } {
  return { headers: { Authorization: `Bearer ${token}` } };
}

/** The session cookie of a browser, on HOST. */
export function cookie(token: string): ClientRequest {
  return { cookies: ["theme=dark", `__Host-pocketpaw_session=${token}`] };
}

function contextV2(method: string, path: string): APIGatewayProxyEventV2["requestContext"] {
  return {
    ...{ accountId: ACCOUNT, apiId: "abcdef123", domainPrefix: "abcdef123", stage: "$default" },
    domainName: API_HOST,
    http: { method, path, protocol: "HTTP/1.1", sourceIp: SOURCE_IP, userAgent: "agent" },
    requestId: REQUEST_ID,
    routeKey: `${method} ${path}`,
    ...{ time: "12/Mar/2026:19:03:58 +0000", timeEpoch: 1_773_342_238_000 },
  };
}

function headersOf({ headers = {} }: ClientRequest): Record<string, string> {
  const hasHost = Object.keys(headers).some((name) => name.toLowerCase() === "host");
  return hasHost ? headers : { Host: HOST, ...headers };
}

function authorizationOf({ headers = {} }: ClientRequest): string {
  return lowerCase(headers).authorization ?? "";
}

/** What is made of all values of each parameter. */
function byName<T>(query: [name: string, value: string][], of: (values: string[]) => T) {
  const valuesOf = (wanted: string) =>
    query.filter(([name]) => name === wanted).map(([, value]) => value);
  return Object.fromEntries(query.map(([name]): [string, T] => [name, of(valuesOf(name))]));
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function inLists(headers: Record<string, string>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}
