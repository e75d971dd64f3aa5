// @ts-check
import { readFileSync } from "node:fs";
import { checkedSettings } from "./parameters.js";
import { exported, secretValue, UPSTREAM_HEADER } from "./upstream.js";

/** PocketPaw's WebSocket, by exact path. */
const WEBSOCKET_PATHS = ["/ws", "/v1/ws", "/api/v1/ws"];

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/**
 * An HTTP API refuses a `Host` that is not its own.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
 */
const ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
/**
 * CloudFront caches these errors for 10 s by default, whatever the cache policy (400 and 403 only with a `max-age`), by
 * path alone: a client without a credential would get what another client's request caused, and whoever causes an
 * error at `/` would take the page from everyone.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
const CACHED_ERRORS = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];

const POLICIES = {
  CachePolicyId: CACHING_DISABLED,
  OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
};

/**
 * One host name for the page, the API and the WebSocket, where there is an `originUrl`.
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 */
export async function resources(resolvers) {
  const settings = await checkedSettings(resolvers);
  if (settings.originUrl === null) return {};
  const { domainName, certificateArn, webAclArn, publicUrl } = settings;
  return {
    Resources: {
      WebSocketFunction: webSocketFunction(),
      Distribution: {
        Type: "AWS::CloudFront::Distribution",
        Properties: {
          DistributionConfig: {
            Comment: { Ref: "AWS::StackName" },
            Enabled: true,
            HttpVersion: "http2and3",
            IPV6Enabled: true,
            ...(domainName !== null && {
              Aliases: [domainName],
              ViewerCertificate: {
                AcmCertificateArn: certificateArn,
                SslSupportMethod: "sni-only",
                MinimumProtocolVersion: "TLSv1.2_2021",
              },
            }),
            ...(webAclArn !== null && { WebACLId: webAclArn }),
            Origins: [apiOrigin(), pocketPawOrigin(settings)],
            CustomErrorResponses: CACHED_ERRORS.map((ErrorCode) => ({
              ErrorCode,
              ErrorCachingMinTTL: 0,
            })),
            DefaultCacheBehavior: {
              TargetOriginId: "HttpApi",
              ViewerProtocolPolicy: "redirect-to-https",
              AllowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
              ...POLICIES,
            },
            CacheBehaviors: WEBSOCKET_PATHS.map((PathPattern) => ({
              PathPattern,
              TargetOriginId: "PocketPaw",
              ViewerProtocolPolicy: "https-only",
              AllowedMethods: ["GET", "HEAD"],
              ...POLICIES,
              FunctionAssociations: [
                {
                  EventType: "viewer-request",
                  FunctionARN: { "Fn::GetAtt": ["WebSocketFunction", "FunctionARN"] },
                },
              ],
            })),
          },
        },
      },
    },
    Outputs: {
      DashboardUrl: await exported(resolvers, "DashboardUrl", publicUrl),
      // What the DNS record of `domainName` points at.
      DistributionDomainName: await exported(resolvers, "DistributionDomainName", {
        "Fn::GetAtt": ["Distribution", "DomainName"],
      }),
    },
  };
}

function apiOrigin() {
  return {
    Id: "HttpApi",
    DomainName: { "Fn::Sub": `\${HttpApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}` },
    CustomOriginConfig: {
      OriginProtocolPolicy: "https-only",
      OriginSSLProtocols: ["TLSv1.2"],
      // API Gateway gives up after 30 s, and says so.
      OriginReadTimeout: 35,
    },
  };
}

/**
 * @param {Awaited<ReturnType<typeof checkedSettings>>} settings with an originUrl
 */
function pocketPawOrigin({ originUrl, webSocketSecretVersionId }) {
  const { protocol, hostname, port } = new URL(originUrl ?? "");
  const isTls = protocol === "https:";
  return {
    Id: "PocketPaw",
    DomainName: hostname,
    CustomOriginConfig: {
      OriginProtocolPolicy: isTls ? "https-only" : "http-only",
      ...(isTls && { OriginSSLProtocols: ["TLSv1.2"] }),
      ...(port !== "" && { [isTls ? "HTTPSPort" : "HTTPPort"]: Number(port) }),
    },
    // It replaces one that a viewer sends.
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html
    OriginCustomHeaders: [
      {
        HeaderName: UPSTREAM_HEADER,
        HeaderValue: secretValue("WebSocketUpstreamSecret", webSocketSecretVersionId),
      },
    ],
  };
}

function webSocketFunction() {
  return {
    Type: "AWS::CloudFront::Function",
    Properties: {
      // Unique in the account, whatever the region.
      Name: { "Fn::Sub": `\${AWS::StackName}-\${AWS::Region}` },
      AutoPublish: true,
      FunctionCode: readFileSync(new URL("./cloudfront/websocket.js", import.meta.url), "utf8"),
      FunctionConfig: {
        Comment: "Allows the gateway's own page to open PocketPaw's WebSocket",
        Runtime: "cloudfront-js-2.0",
      },
    },
  };
}
