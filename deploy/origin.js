// @ts-check
import { checkedSettings } from "./parameters.js";

/**
 * What PocketPaw 0.4 leaves open, and no more than that. PocketPaw's own list is matched by prefix,
 * so that `/api/v1/oauth/authorize/consent` is open there too, and with it a session for anybody;
 * a route here is a whole path and a method, and all else under /api is behind the authorizer.
 *
 * A static file's folders are no greedy `{proxy+}`: three variable segments would take
 * `/static/../api/qr`, and something between the gateway and PocketPaw may resolve the dots.
 */
export const OPEN_ROUTES = [
  "GET /",
  "GET /favicon.ico",
  "GET /static/{file}",
  "GET /static/{folder}/{file}",
  "GET /static/js/{folder}/{file}",
  "POST /api/auth/login",
  "POST /api/v1/auth/login",
  "GET /api/v1/docs",
  "GET /api/v1/redoc",
  "GET /api/v1/openapi.json",
  "GET /webhook/whatsapp",
  "POST /webhook/whatsapp",
  "POST /webhook/inbound/{name}",
  "GET /api/whatsapp/qr",
  "GET /api/v1/whatsapp/qr",
  "GET /oauth/callback",
  "GET /api/mcp/oauth/callback",
  "GET /api/v1/mcp/oauth/callback",
  "GET /api/v1/oauth/authorize",
  "POST /api/v1/oauth/token",
];

/**
 * Not `ANY`, which would take OPTIONS too: the authorizer would refuse a preflight, which carries no
 * credential, and API Gateway's own answer would never come.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/**
 * The proxy to PocketPaw, where there is an `originUrl`.
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 */
export async function resources(resolvers) {
  const { originUrl } = await checkedSettings(resolvers);
  if (originUrl === null) return {};
  const authorization = {
    AuthorizationType: "CUSTOM",
    AuthorizerId: { Ref: "HttpApiAuthorizerPawSession" },
  };
  return {
    Resources: {
      // PocketPaw gets a token of its own kind, and ours in no URL, which it would log.
      OriginIntegration: integration(originUrl, {
        "overwrite:header.Cookie": "$context.authorizer.upstreamCookie",
        "remove:querystring.token": "",
      }),
      OpenOriginIntegration: integration(originUrl, {}),
      ...Object.fromEntries([
        ...METHODS.map((method) =>
          route(`${method} /api/{proxy+}`, "OriginIntegration", authorization),
        ),
        ...OPEN_ROUTES.map((key) => route(key, "OpenOriginIntegration")),
      ]),
    },
  };
}

/**
 * @param {string} originUrl
 * @param {Record<string, string>} mapping in addition to the path, which goes through as it came
 */
function integration(originUrl, mapping) {
  return {
    Type: "AWS::ApiGatewayV2::Integration",
    Properties: {
      ApiId: { Ref: "HttpApi" },
      IntegrationType: "HTTP_PROXY",
      IntegrationMethod: "ANY",
      IntegrationUri: originUrl,
      PayloadFormatVersion: "1.0",
      RequestParameters: { "overwrite:path": "$request.path", ...mapping },
    },
  };
}

/**
 * A route and its logical id.
 *
 * @param {string} key
 * @param {string} integrationId logical id
 * @param {object} [authorization]
 */
function route(key, integrationId, authorization) {
  return [
    `OriginRoute${key.replace(/[^A-Za-z0-9]/g, "")}`,
    {
      Type: "AWS::ApiGatewayV2::Route",
      Properties: {
        ApiId: { Ref: "HttpApi" },
        RouteKey: key,
        Target: { "Fn::Sub": `integrations/\${${integrationId}}` },
        ...authorization,
      },
    },
  ];
}
