import { randomUUID } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import type { RawHeaders, Response } from "./exchange.ts";
import { valuesOf } from "./headers.ts";
import type { Match } from "./routes.ts";
import { decodeOnce, type Target } from "./target.ts";

/** A request as the HTTP API has read it. */
export interface ApiRequest {
  readonly method: string;
  readonly parts: Target;
  /** The Host that the client named. */
  readonly host: string;
  readonly sourceIp: string;
  readonly headers: RawHeaders;
  readonly body: Buffer;
}

/** What API Gateway passes to a function as text; any other body is base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b)/i;

/**
 * The event of a function, payload 2.0: names of headers in lower case, the path decoded once, and cookies apart.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 *
 * @param context the authorizer's, if one let the request in
 */
export function functionEvent(request: ApiRequest, match: Match, context?: object): object {
  const { body } = request;
  const isText = TEXT.test(valuesOf(request.headers, "content-type")[0] ?? "");
  return {
    version: "2.0",
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
  return {
    version: "2.0",
    type: "REQUEST",
    routeArn,
    identitySource: null,
    ...common(request, match),
  };
}

function common({ method, headers, parts, sourceIp }: ApiRequest, match: Match, context?: object) {
  const names = new Set(headers.filter((_, index) => index % 2 === 0).map((n) => n.toLowerCase()));
  const cookies = valuesOf(headers, "cookie").flatMap((line) => line.split(/; */));
  names.delete("cookie");
  const rawPath = decodeOnce(parts.path);
  const query = new URLSearchParams(parts.query);
  const now = new Date();
  const { key } = match.route;
  return {
    routeKey: key,
    rawPath,
    rawQueryString: parts.query,
    ...(cookies.length > 0 && { cookies }),
    headers: Object.fromEntries(
      [...names].map((name) => [name, valuesOf(headers, name).join(",")]),
    ),
    ...(query.size > 0 && {
      queryStringParameters: Object.fromEntries(
        [...query.keys()].map((name) => [name, query.getAll(name).join(",")]),
      ),
    }),
    pathParameters: match.pathParameters,
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      ...(context && { authorizer: { lambda: context } }),
      domainName: "localhost",
      domainPrefix: "localhost",
      http: {
        method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp,
        userAgent: valuesOf(headers, "user-agent")[0] ?? "",
      },
      requestId: randomUUID(),
      routeKey: key,
      stage: "$default",
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
  };
}

/**
 * The response that a function's result stands for.
 *
 * @throws Error when it stands for none; API Gateway responds 500 then
 */
export function responseOf(result: unknown): Response {
  const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded } = fieldsOf(result);
  if (typeof statusCode !== "number" || !(statusCode >= 200 && statusCode <= 599)) {
    throw new Error("the function's status is none");
  }
  if (typeof body !== "string" || !Array.isArray(cookies)) throw new Error("no response");
  const all = [
    ...Object.entries(fieldsOf(headers)).flatMap(([name, value]) => [name, String(value)]),
    ...cookies.flatMap((cookie) => ["set-cookie", String(cookie)]),
  ];
  for (let at = 0; at < all.length; at += 2) {
    validateHeaderName(all[at] ?? "");
    validateHeaderValue(all[at] ?? "", all[at + 1] ?? "");
  }
  const encoding = isBase64Encoded === true ? "base64" : "utf8";
  return { status: statusCode, headers: all, body: Buffer.from(body, encoding) };
}

/**
 * An authorizer's simple response: its context, or undefined when it refuses.
 *
 * @throws Error when it is no response of that kind; API Gateway responds 500 then
 */
export function contextOf(result: unknown): object | undefined {
  const { isAuthorized, context = {} } = fieldsOf(result);
  if (typeof isAuthorized !== "boolean") throw new Error("the authorizer has not decided");
  return isAuthorized ? fieldsOf(context) : undefined;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null)
    throw new Error("the function's result is no object");
  return value as Record<string, unknown>;
}
