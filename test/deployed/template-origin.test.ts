import { describe, expect, test } from "vitest";
import { UNTRUSTED_RESPONSE_HEADERS } from "../../deploy/routes.js";
import { resourcesOf, templateOf } from "./support/templates.ts";
import { VARIANTS } from "./support/variants.ts";

describe("the proxy to PocketPaw", () => {
  const routesOf = (variant: string) => resourcesOf(variant, "AWS::ApiGatewayV2::Route");

  test("is there only where there is an origin", () => {
    const types = (variant: string) =>
      resourcesOf(variant, "AWS::ApiGatewayV2::Integration").map(
        ({ Properties }) => Properties.IntegrationType,
      );
    expect(types("with the defaults")).not.toContain("HTTP_PROXY");
    expect(types("with all parameters")).toContain("HTTP_PROXY");
    expect(routesOf("with the defaults")).toHaveLength(16);
  });

  test("gives PocketPaw the authorizer's cookie, and no token in a URL", () => {
    const mappingOf = (name: string) =>
      templateOf("with all parameters").Resources[name]?.Properties.RequestParameters;
    const version = VARIANTS["with all parameters"].apiSecretVersionId;
    const common = {
      "overwrite:path": "$request.path",
      "remove:querystring.token": "",
      "overwrite:header.X-Origin-Verify": {
        "Fn::Sub": `{{resolve:secretsmanager:\${ApiUpstreamSecret.Id}:SecretString:::${version}}}`,
      },
    };
    expect(mappingOf("PageIntegration")).toEqual(common);
    expect(mappingOf("WebhookIntegration")).toEqual(common);
    expect(mappingOf("ApiIntegration")).toEqual({
      ...common,
      "overwrite:header.Cookie": "$context.authorizer.upstreamCookie",
    });
  });

  const openRoutes = () =>
    routesOf("with all parameters")
      .filter(({ Properties }) => Properties.AuthorizationType !== "CUSTOM")
      .map(({ Properties }) => String(Properties.RouteKey));

  test("has no greedy route without the authorizer, and none that takes a variable by POST", () => {
    expect(openRoutes().length).toBeGreaterThan(5);
    expect(openRoutes().filter((key) => /\+\}|^POST .*\{/.test(key))).toEqual([]);
  });

  test("opens the inbound webhooks that are named, and no other", () => {
    const { inboundWebhooks } = VARIANTS["with all parameters"];
    expect(openRoutes().filter((key) => key.includes("/inbound"))).toEqual(
      inboundWebhooks.split(",").map((name) => `POST /webhook/inbound/${name}`),
    );
  });

  test("lets no script run in what PocketPaw serves, whatever the status, but for its page", () => {
    const parametersOf = (name: string) =>
      templateOf("with all parameters").Resources[name]?.Properties.ResponseParameters;
    const headers = Object.entries(UNTRUSTED_RESPONSE_HEADERS).map(([name, Source]) => ({
      Destination: `overwrite:header.${name}`,
      Source,
    }));
    expect(headers.map(({ Source }) => Source).join()).toContain("script-src 'none'");
    for (const name of ["ApiIntegration", "WebhookIntegration"]) {
      const statuses = parametersOf(name) as Record<string, unknown>;
      // As IANA has them.
      for (const status of [200, 206, 226, 302, 304, 307, 308, 400, 404, 422, 451, 500, 502, 511]) {
        expect(statuses[status]).toEqual({ ResponseParameters: headers });
      }
    }
    expect(parametersOf("PageIntegration")).toBeUndefined();
  });
});

describe("the distribution", () => {
  const configOf = (variant: string) =>
    resourcesOf(variant, "AWS::CloudFront::Distribution")[0]?.Properties.DistributionConfig;

  test("is there only where there is an origin", () => {
    expect(configOf("with the defaults")).toBeUndefined();
    expect(configOf("with an origin")).toBeDefined();
  });

  test("takes three exact paths to PocketPaw, by the function and with its secret, and all else to the API", () => {
    const policies = {
      CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      OriginRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    };
    expect(configOf("with an origin")).toMatchObject({
      HttpVersion: "http2and3",
      IPV6Enabled: true,
      DefaultCacheBehavior: { TargetOriginId: "HttpApi", ...policies },
      CacheBehaviors: ["/ws", "/v1/ws", "/api/v1/ws"].map((PathPattern) => ({
        PathPattern,
        TargetOriginId: "PocketPaw",
        ViewerProtocolPolicy: "https-only",
        ...policies,
        FunctionAssociations: [{ EventType: "viewer-request" }],
      })),
      Origins: [
        { Id: "HttpApi", CustomOriginConfig: { OriginSSLProtocols: ["TLSv1.2"] } },
        {
          Id: "PocketPaw",
          DomainName: "paw.example.com",
          CustomOriginConfig: { OriginProtocolPolicy: "https-only", HTTPSPort: 8443 },
          OriginCustomHeaders: [
            {
              HeaderName: "X-Origin-Verify",
              HeaderValue: {
                "Fn::Sub": `{{resolve:secretsmanager:\${DirectUpstreamSecret.Id}:SecretString:::}}`,
              },
            },
          ],
        },
      ],
    });
  });

  test("has the operator's name, certificate and WAF", () => {
    const { domainName, certificateArn, webAclArn } = VARIANTS["with all parameters"];
    expect(configOf("with all parameters")).toMatchObject({
      Aliases: [domainName],
      ViewerCertificate: {
        AcmCertificateArn: certificateArn,
        MinimumProtocolVersion: "TLSv1.2_2021",
      },
      WebACLId: webAclArn,
    });
  });
});
