// @ts-check
import { checkedSettings } from "./parameters.js";

/**
 * What PocketPaw 0.4 leaves open, and no more than that. PocketPaw's own list is matched by prefix,
 * so that `/api/v1/oauth/authorize/consent` is open there too, and with it a session for anybody;
 * a route here is a whole path and a method, and all else under /api is behind the authorizer.
 *
 * None of these takes a variable by POST. API Gateway decodes a path once before it routes, so that
 * `..%252F..%252Fapi%252F…` is one segment here, and `../../api/…` to a proxy in front of PocketPaw that
 * resolves paths: by POST that reaches the consent, and with it everything. (By GET it reaches little; the
 * README asks for a proxy that resolves nothing.) So webhooks are named one by one, by `inboundWebhooks`.
 *
 * Not `/api/whatsapp/qr`: whoever scans it first becomes the account whose messages the agent obeys.
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
  const { originUrl, inboundWebhooks } = await checkedSettings(resolvers);
  if (originUrl === null) return {};
  const authorization = {
    AuthorizationType: "CUSTOM",
    AuthorizerId: { Ref: "HttpApiAuthorizerPawSession" },
  };
  return {
    Resources: {
      // PocketPaw cannot read our tokens, and gets one of its own kind.
      OriginIntegration: integration(originUrl, {
        "overwrite:header.Cookie": "$context.authorizer.upstreamCookie",
      }),
      OpenOriginIntegration: integration(originUrl, {}),
      ...Object.fromEntries([
        ...METHODS.map((method) => `${method} /api/{proxy+}`).map((key) =>
          route(logicalId(key), key, "OriginIntegration", authorization),
        ),
        ...OPEN_ROUTES.map((key) => route(logicalId(key), key, "OpenOriginIntegration")),
        ...inboundWebhooks.map((name) =>
          route(webhookId(name), `POST /webhook/inbound/${name}`, "OpenOriginIntegration"),
        ),
      ]),
    },
  };
}

/**
 * The path goes through as it came; a token in the URL does not, since PocketPaw would log it.
 *
 * @param {string} originUrl
 * @param {Record<string, string>} mapping in addition
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
      RequestParameters: {
        "overwrite:path": "$request.path",
        "remove:querystring.token": "",
        ...mapping,
      },
    },
  };
}

/**
 * @param {string} key
 */
function logicalId(key) {
  return `OriginRoute${key.replace(/[^A-Za-z0-9]/g, "")}`;
}

/**
 * In hex, since a logical id takes letters and digits alone, and `my-hook` is not `my_hook`.
 *
 * @param {string} name
 */
function webhookId(name) {
  return `OriginWebhook${Buffer.from(name).toString("hex")}`;
}

/**
 * @param {string} id logical id
 * @param {string} key
 * @param {string} integrationId logical id
 * @param {object} [authorization]
 */
function route(id, key, integrationId, authorization) {
  return [
    id,
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
