import { randomUUID } from "node:crypto";
import type { Fields } from "./headers.ts";
import type { Response } from "./responses.ts";
import { decodeOnce, type Target } from "./target.ts";

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
 * The event of a function, payload 2.0, as far as lib/http reads it: the path decoded once, cookies apart, several
 * values joined. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function eventFor(request: ApiRequest, routeKey: string, context?: object): object {
  const { method, parts, sourceIp, body } = request;
  const { cookie, ...headers } = request.headers;
  const isText = TEXT.test(headers["content-type"]?.[0] ?? "");
  const rawPath = decodeOnce(parts.path);
  const joined = Object.entries(headers).map(([name, values]) => [name, values?.join()]);
  // In one pass: a query can have some thousand parameters.
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(parts.query)) {
    const before = query.get(name);
    query.set(name, before === undefined ? value : `${before},${value}`);
  }
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: parts.query,
    ...(cookie && { cookies: cookie.flatMap((line) => line.split(/; */)) }),
    headers: Object.fromEntries(joined),
    ...(query.size > 0 && { queryStringParameters: Object.fromEntries(query) }),
    requestContext: {
      ...(context && { authorizer: { lambda: context } }),
      http: { method, path: rawPath, sourceIp },
      requestId: randomUUID(),
      routeKey,
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/**
 * The event of an authorizer without an identity source, payload 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function authorizerEvent(request: ApiRequest, routeKey: string): object {
  const event = eventFor({ ...request, body: Buffer.alloc(0) }, routeKey);
  return { type: "REQUEST", identitySource: null, ...event };
}

/** The response that a function's result stands for. @throws Error when it stands for none: 500 at API Gateway */
export function responseOf(result: unknown): Response {
  const { statusCode: status, headers = {}, cookies, body = "", isBase64Encoded } = fields(result);
  if (typeof status !== "number" || !(status >= 200 && status <= 599) || typeof body !== "string") {
    throw new Error("the function's result is no response");
  }
  // Checks names and values, and writes names in lower case.
  const checked = new Headers(headers as Record<string, string>);
  const all = [...checked].map(([name, value]) => [name, [value]]);
  if (Array.isArray(cookies)) all.push(["set-cookie", cookies.map(String)]);
  const encoding = isBase64Encoded === true ? "base64" : "utf8";
  return { status, headers: Object.fromEntries(all), body: Buffer.from(body, encoding) };
}

/** An authorizer's context; undefined when it refuses. @throws Error when it is no simple response: 500 */
export function contextOf(result: unknown): Record<string, unknown> | undefined {
  const { isAuthorized, context = {} } = fields(result);
  if (typeof isAuthorized !== "boolean") throw new Error("the authorizer has not decided");
  return isAuthorized ? fields(context) : undefined;
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new Error("the function's result is no object");
}
