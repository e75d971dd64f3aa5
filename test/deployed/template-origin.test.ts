import { describe, expect, test } from "vitest";
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
    expect(routesOf("with the defaults")).toHaveLength(6);
  });

  test("gives PocketPaw the authorizer's cookie, and no token in a URL", () => {
    const mappingOf = (name: string) =>
      templateOf("with all parameters").Resources[name]?.Properties.RequestParameters;
    const common = { "overwrite:path": "$request.path", "remove:querystring.token": "" };
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
    expect(openRoutes().length).toBeGreaterThan(10);
    expect(openRoutes().filter((key) => /\+\}|^POST .*\{/.test(key))).toEqual([]);
  });

  test("opens the inbound webhooks that are named, and no other", () => {
    const { inboundWebhooks } = VARIANTS["with all parameters"];
    expect(openRoutes().filter((key) => key.includes("/inbound"))).toEqual(
      inboundWebhooks.split(",").map((name) => `POST /webhook/inbound/${name}`),
    );
  });
});
