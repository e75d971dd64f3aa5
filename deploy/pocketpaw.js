// @ts-check
import { STATUS_CODES } from "node:http";
import {
  API_ROUTES,
  inboundWebhookRoute,
  PAGE_ROUTES,
  REMOVED_RESPONSE_HEADERS,
  UNTRUSTED_RESPONSE_HEADERS,
  WEBHOOK_ROUTES,
} from "./routes.js";
import { generatedSecret } from "./secrets.js";

/** The header by which PocketPaw's reverse proxy knows the gateway (examples/). */
export const UPSTREAM_HEADER = "X-Origin-Verify";

/**
 * In a mapping, a parameter is removed by two quotes; an empty value is refused.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigatewayv2-integration-responseparameter.html
 */
const REMOVED = "''";

/**
 * The routes to PocketPaw, and the secrets that its reverse proxy checks: it lets through what arrives with the
 * HTTP API's, and asks `verify` about what arrives with CloudFront's.
 *
 * @param {import("./settings.js").Settings} settings
 * @returns {import("./stack.js").Part}
 */
export function pocketPaw({ originUrl, inboundWebhooks, apiSecretVersionId }) {
  if (originUrl === null) return { Resources: {} };
  const common = {
    // An HTTP API decodes the path before it routes, and this sends it on decoded. The proxy passes on only
    // canonical paths.
    "overwrite:path": "$request.path",
    // It opens nothing, and PocketPaw would log it.
    "remove:querystring.token": REMOVED,
    [`overwrite:header.${UPSTREAM_HEADER}`]: secretValue("ApiUpstreamSecret", apiSecretVersionId),
  };
  const AuthorizerId = { Ref: "HttpApiAuthorizerPawSession" };
  const integration = (/** @type {object} */ RequestParameters, properties = {}) => ({
    Type: "AWS::ApiGatewayV2::Integration",
    Properties: {
      ApiId: { Ref: "HttpApi" },
      ...{ IntegrationType: "HTTP_PROXY", IntegrationMethod: "ANY", IntegrationUri: originUrl },
      ...{ PayloadFormatVersion: "1.0", RequestParameters, ...properties },
    },
  });
  // PocketPaw cannot read our tokens; it gets one in its own format.
  const cookie = { "overwrite:header.Cookie": "$context.authorizer.upstreamCookie" };
  const untrusted = { ResponseParameters: responseParameters() };
  return {
    Resources: {
      ApiUpstreamSecret: generatedSecret("What the HTTP API shows PocketPaw's reverse proxy", 48),
      DirectUpstreamSecret: generatedSecret("What CloudFront shows PocketPaw's reverse proxy", 48),
      PageIntegration: integration(common),
      WebhookIntegration: integration(common, untrusted),
      ApiIntegration: integration({ ...common, ...cookie }, untrusted),
      ...routes(PAGE_ROUTES, "PageIntegration"),
      ...routes(WEBHOOK_ROUTES, "WebhookIntegration"),
      ...routes(inboundWebhooks.map(inboundWebhookRoute), "WebhookIntegration"),
      ...routes(API_ROUTES, "ApiIntegration", { AuthorizationType: "CUSTOM", AuthorizerId }),
    },
    Outputs: {
      ApiUpstreamSecretArn: { "Fn::GetAtt": ["ApiUpstreamSecret", "Id"] },
      DirectUpstreamSecretArn: { "Fn::GetAtt": ["DirectUpstreamSecret", "Id"] },
    },
  };
}

/**
 * A secret's value, which CloudFormation inserts again only when this text changes: therefore the version id is in it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 *
 * @param {"ApiUpstreamSecret" | "DirectUpstreamSecret"} secret logical id
 * @param {string | null} versionId null: the current version
 */
export function secretValue(secret, versionId) {
  return {
    "Fn::Sub": `{{resolve:secretsmanager:\${${secret}.Id}:SecretString:::${versionId ?? ""}}}`,
  };
}

/**
 * The headers of what PocketPaw is not trusted with, for every status: a mapping names one status from 200 to 599,
 * and there is no wildcard.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
 */
function responseParameters() {
  const mappings = [
    ...Object.entries(UNTRUSTED_RESPONSE_HEADERS).map(([name, Source]) => [
      `overwrite:header.${name}`,
      Source,
    ]),
    ...REMOVED_RESPONSE_HEADERS.map((name) => [`remove:header.${name}`, REMOVED]),
  ];
  const ResponseParameters = mappings.map(([Destination, Source]) => ({ Destination, Source }));
  // Node's list is IANA's, with a few more; 306 is registered as unused.
  const statuses = [...Object.keys(STATUS_CODES), "306"].filter((status) => Number(status) >= 200);
  return Object.fromEntries(statuses.map((status) => [status, { ResponseParameters }]));
}

/**
 * The routes of some keys, by logical id: without the variables' names, so that a renamed variable changes no id, and
 * with a webhook's name in hex, since an id has only letters and digits, and `my-hook` is not `my_hook`.
 *
 * @param {readonly string[]} keys
 * @param {string} integration logical id
 * @param {object} [authorization]
 */
function routes(keys, integration, authorization) {
  const entries = keys.map((RouteKey) => {
    const [, hook = ""] = /^POST \/webhook\/inbound\/(.+)$/.exec(RouteKey) ?? [];
    const plain = RouteKey.replace(/\{\w+\+?\}/g, "Any").replace(/[^A-Za-z0-9]/g, "");
    const id =
      hook === "" ? `OriginRoute${plain}` : `OriginWebhook${Buffer.from(hook).toString("hex")}`;
    const Target = { "Fn::Sub": `integrations/\${${integration}}` };
    const Properties = { ApiId: { Ref: "HttpApi" }, RouteKey, Target, ...authorization };
    return [id, { Type: "AWS::ApiGatewayV2::Route", Properties }];
  });
  return Object.fromEntries(entries);
}
