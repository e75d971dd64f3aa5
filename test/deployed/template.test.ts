import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deployed } from "./support/deployed.ts";
import { SERVICE } from "./support/stack.ts";
import { filesOf, resourcesOf, templateOf } from "./support/templates.ts";
import { VARIANTS } from "./support/variants.ts";

const variants = Object.keys(VARIANTS);
const accessLogFormat = (variant: string): string => {
  const [stage] = resourcesOf(variant, "AWS::ApiGatewayV2::Stage");
  return (stage?.Properties.AccessLogSettings as { Format: string } | undefined)?.Format ?? "{}";
};

describe.each(variants)("the template %s", (variant) => {
  test("has no error and no warning for cfn-lint", () => {
    const files = filesOf(variant);
    expect(files).toHaveLength(2);
    // Exits with another code than 0 for either.
    const output = execFileSync(join(deployed.python, "cfn-lint"), files, { encoding: "utf8" });
    expect(output.trim()).toBe("");
  });

  test("attaches no route by ANY, which would take a preflight from API Gateway", () => {
    const keys = resourcesOf(variant, "AWS::ApiGatewayV2::Route").map(
      ({ Properties }) => Properties.RouteKey,
    );
    expect(keys.filter((key) => /^(ANY|OPTIONS|\$default)/.test(String(key)))).toEqual([]);
  });

  test("throttles all of the API and the exchange more, but the regeneration by no bucket of its own", () => {
    const [stage] = resourcesOf(variant, "AWS::ApiGatewayV2::Stage");
    const exchange = { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 };
    expect(stage?.Properties.DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: 100,
      ThrottlingBurstLimit: 200,
    });
    expect(stage?.Properties.RouteSettings).toEqual({
      "POST /api/auth/session": exchange,
      "POST /api/v1/auth/session": exchange,
    });
  });

  test("keeps paths, query strings, headers and tokens out of the access log", () => {
    const logged = Object.values<string>(JSON.parse(accessLogFormat(variant)));
    expect(logged.toSorted()).toEqual(
      [
        "$context.authorizer.error",
        "$context.authorizer.method",
        "$context.authorizer.sessionId",
        "$context.httpMethod",
        "$context.identity.sourceIp",
        "$context.requestId",
        "$context.requestTime",
        "$context.responseLatency",
        "$context.responseLength",
        "$context.routeKey",
        "$context.status",
      ].toSorted(),
    );
  });

  test("keeps all logs for as long as asked, and no longer", () => {
    const days = variant === "with all parameters" ? 365 : 30;
    const groups = resourcesOf(variant, "AWS::Logs::LogGroup");
    expect(groups).toHaveLength(6);
    for (const { Properties } of groups) expect(Properties.RetentionInDays).toBe(days);
  });

  test("logs JSON", () => {
    for (const { Properties } of resourcesOf(variant, "AWS::Lambda::Function")) {
      expect(Properties.LoggingConfig).toEqual({ LogFormat: "JSON" });
    }
  });

  test("wakes somebody for an authorizer that fails, a burst of refusals, a failed rotation", () => {
    const metrics = resourcesOf(variant, "AWS::CloudWatch::Alarm").map(
      ({ Properties }) => Properties.MetricName,
    );
    expect(metrics.toSorted()).toEqual(["AuthorizerFailures", "Errors", "Refusals"]);
  });

  test("exports what another stack needs", () => {
    const { Outputs } = templateOf(variant);
    const names = Object.keys(Outputs).filter((name) => name !== "ServerlessDeploymentBucketName");
    expect(names.toSorted()).toEqual([
      "AuthorizerFunctionArn",
      "HmacKeySecretArn",
      "HttpApiId",
      "HttpApiUrl",
      "MasterTokenSecretArn",
      "PawSessionAuthorizerId",
      "PawSessionCachedAuthorizerId",
    ]);
    for (const name of names) {
      expect(Outputs[name]?.Export).toEqual({ Name: `${SERVICE}-${deployed.stage}-${name}` });
    }
  });
});
