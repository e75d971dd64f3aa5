import { randomUUID } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import type { Fields } from "./headers.ts";
import type { Response } from "./responses.ts";
import type { Match } from "./routes.ts";
import { decodeOnce, type Target } from "./target.ts";

/** A request as the HTTP API has read it. */
export interface ApiRequest {
  readonly method: string;
  readonly parts: Target;
  readonly sourceIp: string;
  readonly headers: Fields;
  readonly body: Buffer;
}

/** What API Gateway passes to a function as text; any other body is base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b)/i;

/**
 * The event of a function, payload 2.0: the path decoded once, cookies apart, several values joined.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 *
 * @param context the authorizer's, if one let the request in
 */
export function functionEvent(request: ApiRequest, match: Match, context?: object): object {
  const { body, headers } = request;
  const isText = TEXT.test(headers["content-type"]?.[0] ?? "");
  return {
    ...common(request, match, context),
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/**
 * The event of an authorizer without an identity source, payload 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function authorizerEvent(request: ApiRequest, match: Match): object {
  const routeArn = `arn:aws:execute-api:us-east-1:000000000000:local/$default/${request.method}${request.parts.path}`;
  return { type: "REQUEST", routeArn, identitySource: null, ...common(request, match) };
}

function common({ method, headers, parts, sourceIp }: ApiRequest, match: Match, context?: object) {
  const { cookie = [], ...others } = headers;
  const rawPath = decodeOnce(parts.path);
  const query = valuesOf(new URLSearchParams(parts.query));
  const userAgent = headers["user-agent"]?.[0] ?? "";
  const { key: routeKey } = match.route;
  const joined = (entries: [string, readonly string[]][]) =>
    Object.fromEntries(entries.map(([name, values]) => [name, values.join(",")]));
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: parts.query,
    ...(cookie.length > 0 && { cookies: cookie.flatMap((line) => line.split(/; */)) }),
    headers: joined(Object.entries(others)),
    ...(query.size > 0 && {
      queryStringParameters: joined([...query]),
    }),
    pathParameters: match.pathParameters,
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      ...(context && { authorizer: { lambda: context } }),
      domainName: "localhost",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp, userAgent },
      requestId: randomUUID(),
      routeKey,
      stage: "$default",
      timeEpoch: Date.now(),
    },
  };
}

/** In one pass: a short query can repeat a name some thousand times. */
function valuesOf(parameters: Iterable<[string, string]>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, value] of parameters) {
    const values = found.get(name);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  }
  return found;
}

/** The response that a function's result stands for. @throws Error when it stands for none: 500 at API Gateway */
export function responseOf(result: unknown): Response {
  const { statusCode: status, headers = {}, cookies, body = "", isBase64Encoded } = fields(result);
  if (typeof status !== "number" || !(status >= 200 && status <= 599) || typeof body !== "string") {
    throw new Error("the function's result is no response");
  }
  const all = Object.entries(fields(headers)).map(([name, value]) => {
    validateHeaderName(name);
    validateHeaderValue(name, String(value));
    return [name.toLowerCase(), [String(value)]];
  });
  if (Array.isArray(cookies)) all.push(["set-cookie", cookies.map(String)]);
  const encoding = isBase64Encoded === true ? "base64" : "utf8";
  return { status, headers: Object.fromEntries(all), body: Buffer.from(body, encoding) };
}

/** An authorizer's context; undefined when it refuses. @throws Error when it is no simple response: 500 */
export function contextOf(result: unknown): object | undefined {
  const { isAuthorized, context = {} } = fields(result);
  if (typeof isAuthorized !== "boolean") throw new Error("the authorizer has not decided");
  return isAuthorized ? fields(context) : undefined;
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new Error("the function's result is no object");
}
