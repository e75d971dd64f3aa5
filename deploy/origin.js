// @ts-check
import { STATUS_CODES } from "node:http";
import { checkedSettings } from "./parameters.js";
import {
  apiRoutes,
  inboundWebhookRoute,
  PAGE_ROUTES,
  UNTRUSTED_RESPONSE_HEADERS,
  WEBHOOK_ROUTES,
} from "./routes.js";
import { secretValue, UPSTREAM_HEADER } from "./upstream.js";

/**
 * The proxy to PocketPaw, where there is an `originUrl`.
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 */
export async function resources(resolvers) {
  const { originUrl, inboundWebhooks, apiSecretVersionId } = await checkedSettings(resolvers);
  if (originUrl === null) return {};
  const common = {
    // The path goes through as it came; a token in the URL does not, since PocketPaw would log it.
    "overwrite:path": "$request.path",
    "remove:querystring.token": "",
    [`overwrite:header.${UPSTREAM_HEADER}`]: secretValue("ApiUpstreamSecret", apiSecretVersionId),
  };
  const authorization = {
    AuthorizationType: "CUSTOM",
    AuthorizerId: { Ref: "HttpApiAuthorizerPawSession" },
  };
  const untrusted = { ResponseParameters: responseParameters() };
  return {
    Resources: {
      PageIntegration: integration(originUrl, common),
      WebhookIntegration: integration(originUrl, common, untrusted),
      // PocketPaw cannot read our tokens; it gets one in its own format.
      ApiIntegration: integration(
        originUrl,
        { ...common, "overwrite:header.Cookie": "$context.authorizer.upstreamCookie" },
        untrusted,
      ),
      ...Object.fromEntries([
        ...PAGE_ROUTES.map((key) => route(logicalId(key), key, "PageIntegration")),
        ...WEBHOOK_ROUTES.map((key) => route(logicalId(key), key, "WebhookIntegration")),
        ...inboundWebhooks.map((name) =>
          route(webhookId(name), inboundWebhookRoute(name), "WebhookIntegration"),
        ),
        ...apiRoutes().map((key) => route(logicalId(key), key, "ApiIntegration", authorization)),
      ]),
    },
  };
}

/**
 * @param {string} originUrl
 * @param {Record<string, unknown>} mapping of the request
 * @param {object} [properties] in addition
 */
function integration(originUrl, mapping, properties = {}) {
  return {
    Type: "AWS::ApiGatewayV2::Integration",
    Properties: {
      ApiId: { Ref: "HttpApi" },
      IntegrationType: "HTTP_PROXY",
      IntegrationMethod: "ANY",
      IntegrationUri: originUrl,
      PayloadFormatVersion: "1.0",
      RequestParameters: mapping,
      ...properties,
    },
  };
}

/**
 * UNTRUSTED_RESPONSE_HEADERS for every status: a mapping names one status from 200 to 599, and there is no
 * wildcard.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
 */
function responseParameters() {
  const headers = Object.entries(UNTRUSTED_RESPONSE_HEADERS).map(([name, value]) => ({
    Destination: `overwrite:header.${name}`,
    Source: value,
  }));
  // Node's list is IANA's, with a few more; 306 is registered as unused.
  const statuses = [...Object.keys(STATUS_CODES), "306"].filter((status) => Number(status) >= 200);
  return Object.fromEntries(statuses.map((status) => [status, { ResponseParameters: headers }]));
}

/**
 * Without the names of variables: a route whose variable is renamed keeps its logical id.
 *
 * @param {string} key
 */
function logicalId(key) {
  return `OriginRoute${key.replace(/\{\w+\+?\}/g, "Any").replace(/[^A-Za-z0-9]/g, "")}`;
}

/**
 * In hex, since a logical id may have only letters and digits, and `my-hook` is not `my_hook`.
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
