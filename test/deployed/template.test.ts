import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deployed } from "./support/deployed.ts";
import { SERVICE } from "./support/stack.ts";
import { filesOf, resourcesOf, templateOf } from "./support/templates.ts";
import { VARIANTS, type Variant } from "./support/variants.ts";

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
      "POST /api/auth/login": exchange,
      "POST /api/v1/auth/login": exchange,
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
    expect(groups).toHaveLength(10);
    for (const { Properties } of groups) expect(Properties.RetentionInDays).toBe(days);
  });

  test("logs JSON of the level asked for, and no line of Lambda's own for what succeeds", () => {
    const level = variant === "with all parameters" ? "WARN" : "INFO";
    const functions = resourcesOf(variant, "AWS::Lambda::Function");
    expect(functions).toHaveLength(9);
    for (const { Properties } of functions) {
      expect(Properties.LoggingConfig).toEqual({
        ApplicationLogLevel: level,
        LogFormat: "JSON",
        SystemLogLevel: "WARN",
      });
    }
  });

  test("gives the access log a name under /aws/vendedlogs/", () => {
    const names = resourcesOf(variant, "AWS::Logs::LogGroup").map(
      ({ Properties }) => Properties.LogGroupName,
    );
    expect(names).toContain(`/aws/vendedlogs/http-api/${SERVICE}-${deployed.stage}`);
  });

  test("alarms on regenerations, failures, wrong tokens and failed rotations, and notifies the topic", () => {
    const alarms = resourcesOf(variant, "AWS::CloudWatch::Alarm");
    expect(alarms.map(({ Properties }) => Properties.MetricName).toSorted()).toEqual([
      "AuthorizerFailures",
      "Errors",
      "LoginFailures",
      "Regenerations",
      "WrongTokens",
    ]);
    const { alarmTopicArn } = { alarmTopicArn: undefined, ...VARIANTS[variant as Variant] };
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions).toEqual(
        alarmTopicArn === undefined ? undefined : [alarmTopicArn],
      );
    }
  });

  test("blocks public access to the deployment bucket", () => {
    for (const { Properties } of resourcesOf(variant, "AWS::S3::Bucket")) {
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
  });

  test("exports what another stack needs", () => {
    const { Outputs } = templateOf(variant);
    const names = Object.keys(Outputs).filter((name) => name !== "ServerlessDeploymentBucketName");
    const ofOrigin = ["ApiUpstreamSecretArn", "DashboardUrl", "DistributionDomainName"];
    expect(names.toSorted()).toEqual(
      [
        "AuthorizerFunctionArn",
        "HmacKeySecretArn",
        "HttpApiId",
        "HttpApiUrl",
        "MasterTokenSecretArn",
        "PawSessionAuthorizerId",
        "PawSessionCachedAuthorizerId",
        ...("originUrl" in VARIANTS[variant as Variant]
          ? [...ofOrigin, "DirectUpstreamSecretArn"]
          : []),
      ].toSorted(),
    );
    for (const name of names) {
      expect(Outputs[name]?.Export).toEqual({ Name: `${SERVICE}-${deployed.stage}-${name}` });
    }
  });
});
