// @ts-check
import { readFileSync } from "node:fs";
import { secretValue, UPSTREAM_HEADER } from "./pocketpaw.js";
import { DIRECT_PATHS, REMOVED_RESPONSE_HEADERS, UNTRUSTED_RESPONSE_HEADERS } from "./routes.js";

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/** An HTTP API refuses a `Host` that is not its own. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html */
const ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
/**
 * CloudFront caches these errors for 10 s by default, whatever the cache policy, by path alone: a client without a
 * credential would get what another client's request caused, and whoever causes an error at `/` would take the page
 * from everyone. (412 and 415 cannot be configured.)
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
const NO_ERROR_CACHED = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504].map(
  (ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 }),
);

const API_ORIGIN = {
  Id: "HttpApi",
  DomainName: { "Fn::Sub": `\${HttpApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}` },
  CustomOriginConfig: {
    OriginProtocolPolicy: "https-only",
    OriginSSLProtocols: ["TLSv1.2"],
    // API Gateway gives up after 30 s, and says so.
    OriginReadTimeout: 35,
  },
};

/**
 * One host name for the page, the API and the direct paths, where there is an `originUrl`.
 *
 * @param {import("./settings.js").Settings} settings
 * @returns {import("./stack.js").Part}
 */
export function distribution(settings) {
  if (settings.originUrl === null) return { Resources: {} };
  const { stage, domainName, certificateArn, webAclArn, publicUrl } = settings;
  // Names are the account's, not a Region's. At most 64 characters, also for the longest stage and Region.
  // https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateFunction.html
  const name = `pocketpaw-${stage}-\${AWS::Region}`;
  // Nothing is cached, and the function sees each request first.
  const behavior = (/** @type {string} */ TargetOriginId, /** @type {string} */ functionId) => ({
    TargetOriginId,
    AllowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
    CachePolicyId: CACHING_DISABLED,
    OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
    FunctionAssociations: [
      { EventType: "viewer-request", FunctionARN: { "Fn::GetAtt": [functionId, "FunctionARN"] } },
    ],
  });
  return {
    Resources: {
      DirectFunction: cloudFrontFunction(name, "direct"),
      TokenLinkFunction: cloudFrontFunction(name, "token-link"),
      DirectResponseHeaders: responseHeadersPolicy(name),
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
                ...{ AcmCertificateArn: certificateArn, SslSupportMethod: "sni-only" },
                MinimumProtocolVersion: "TLSv1.2_2021",
              },
            }),
            ...(webAclArn !== null && { WebACLId: webAclArn }),
            Origins: [API_ORIGIN, pocketPawOrigin(settings.originUrl, settings)],
            CustomErrorResponses: NO_ERROR_CACHED,
            DefaultCacheBehavior: {
              ...behavior("HttpApi", "TokenLinkFunction"),
              ViewerProtocolPolicy: "redirect-to-https",
            },
            CacheBehaviors: DIRECT_PATHS.map((PathPattern) => ({
              PathPattern,
              ...behavior("PocketPaw", "DirectFunction"),
              ViewerProtocolPolicy: "https-only",
              ResponseHeadersPolicyId: { Ref: "DirectResponseHeaders" },
            })),
          },
        },
      },
    },
    Outputs: {
      DashboardUrl: publicUrl,
      // What the DNS record of `domainName` points at.
      DistributionDomainName: { "Fn::GetAtt": ["Distribution", "DomainName"] },
    },
  };
}

/**
 * The proxy in front of PocketPaw. One connection attempt: no request is sent twice.
 *
 * @param {string} originUrl
 * @param {import("./settings.js").Settings} settings
 */
function pocketPawOrigin(originUrl, { directSecretVersionId }) {
  const { protocol, hostname, port } = new URL(originUrl);
  // Only an emulator has an http one, on this machine.
  const isTls = protocol === "https:";
  const HeaderValue = secretValue("DirectUpstreamSecret", directSecretVersionId);
  return {
    Id: "PocketPaw",
    DomainName: hostname,
    ConnectionAttempts: 1,
    CustomOriginConfig: {
      OriginProtocolPolicy: isTls ? "https-only" : "http-only",
      ...(isTls && { OriginSSLProtocols: ["TLSv1.2"] }),
      ...(port !== "" && { [isTls ? "HTTPSPort" : "HTTPPort"]: Number(port) }),
      // The most everywhere without a higher quota. A response that is silent for longer ends with 504.
      // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
      OriginReadTimeout: 60,
    },
    // It replaces one that a viewer sends.
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html
    OriginCustomHeaders: [{ HeaderName: UPSTREAM_HEADER, HeaderValue }],
  };
}

/**
 * The headers that the API's integrations set. CloudFront refuses two of them as custom headers, because they are
 * security headers to it.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
 *
 * @param {string} name with which the policy's begins
 */
function responseHeadersPolicy(name) {
  const ContentSecurityPolicy = UNTRUSTED_RESPONSE_HEADERS["content-security-policy"];
  const items = Object.entries(UNTRUSTED_RESPONSE_HEADERS)
    .filter(([Header]) => !/^content-security-policy$|^x-content-type-options$/.test(Header))
    .map(([Header, Value]) => ({ Header, Value, Override: true }));
  return {
    Type: "AWS::CloudFront::ResponseHeadersPolicy",
    Properties: {
      ResponseHeadersPolicyConfig: {
        Name: { "Fn::Sub": `${name}-direct` },
        SecurityHeadersConfig: {
          ContentSecurityPolicy: { ContentSecurityPolicy, Override: true },
          ContentTypeOptions: { Override: true },
        },
        CustomHeadersConfig: { Items: items },
        RemoveHeadersConfig: { Items: REMOVED_RESPONSE_HEADERS.map((Header) => ({ Header })) },
      },
    },
  };
}

/**
 * @param {string} name with which the function's begins
 * @param {"direct" | "token-link"} file
 */
function cloudFrontFunction(name, file) {
  const Name = { "Fn::Sub": `${name}-${file}` };
  const Comment = `deploy/cloudfront/${file}.js`;
  const FunctionCode = readFileSync(new URL(`./cloudfront/${file}.js`, import.meta.url), "utf8");
  const FunctionConfig = { Comment, Runtime: "cloudfront-js-2.0" };
  const Properties = { Name, AutoPublish: true, FunctionCode, FunctionConfig };
  return { Type: "AWS::CloudFront::Function", Properties };
}
