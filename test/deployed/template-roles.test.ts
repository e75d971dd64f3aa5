import { describe, expect, test } from "vitest";
import { resourcesOf, templateOf } from "./support/templates.ts";
import { VARIANTS, type Variant } from "./support/variants.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
}

/** What a function's role allows. */
function statementsOf(variant: string, functionId: string): readonly Statement[] {
  const { Resources } = templateOf(variant);
  const role = Resources[functionId]?.Properties.Role as { "Fn::GetAtt": [string, "Arn"] };
  const policies = Resources[role["Fn::GetAtt"][0]]?.Properties.Policies;
  return (policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );
}

describe.each(Object.keys(VARIANTS))("the roles, %s:", (variant) => {
  test("each function has one of its own", () => {
    const roles = resourcesOf(variant, "AWS::Lambda::Function").map(({ Properties }) =>
      JSON.stringify(Properties.Role),
    );
    expect(roles).toHaveLength(9);
    expect(new Set(roles).size).toBe(9);
    expect(resourcesOf(variant, "AWS::IAM::Role")).toHaveLength(9);
  });

  test("none allows anything on all resources, but for what concerns none", () => {
    const wide = resourcesOf(variant, "AWS::IAM::Role")
      .flatMap(({ Properties }) => Properties.Policies as { PolicyDocument: unknown }[])
      .flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] }).Statement)
      .filter(({ Resource }) => JSON.stringify(Resource).includes("*"));
    // A random password is no resource: the service takes nothing but `*` there.
    expect(wide).toEqual([
      { Effect: "Allow", Action: ["secretsmanager:GetRandomPassword"], Resource: ["*"] },
    ]);
  });

  test("each has the permissions boundary, where there is one", () => {
    const { permissionsBoundaryArn } = {
      permissionsBoundaryArn: undefined,
      ...VARIANTS[variant as Variant],
    };
    for (const { Properties } of resourcesOf(variant, "AWS::IAM::Role")) {
      expect(Properties.PermissionsBoundary).toBe(permissionsBoundaryArn);
    }
  });

  test("actions are granted by their full names", () => {
    const policies = JSON.stringify(resourcesOf(variant, "AWS::IAM::Role"));
    expect(policies).not.toMatch(/"[a-z0-9-]+:[A-Za-z]*\*"/);
  });

  test("each allows its function's own work, and its own log", () => {
    const { masterTokenSecretArn, hmacKeySecretArn } = VARIANTS["with all parameters"];
    const isNamed = variant === "with all parameters";
    const master = isNamed ? masterTokenSecretArn : { "Fn::GetAtt": ["MasterToken", "Id"] };
    const key = isNamed ? hmacKeySecretArn : { "Fn::GetAtt": ["HmacKey", "Id"] };
    const allow = (actions: string[], resources: unknown[]) => ({
      Effect: "Allow",
      Action: actions,
      Resource: resources,
    });
    // The ARN of a log group, as CloudFormation gives it, ends in `:*`: the streams of that group.
    const log = (group: string) =>
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], [{ "Fn::GetAtt": [group, "Arn"] }]);
    const read = allow(["secretsmanager:GetSecretValue"], [master, key]);
    const write = ["PutSecretValue", "UpdateSecretVersionStage"];
    const secrets = (names: string[]) => names.map((name) => `secretsmanager:${name}`);

    expect(statementsOf(variant, "SessionLambdaFunction")).toEqual([log("SessionLogGroup"), read]);
    expect(statementsOf(variant, "AuthorizerLambdaFunction")).toEqual([
      log("AuthorizerLogGroup"),
      read,
    ]);
    expect(statementsOf(variant, "SessionDashstatusLambdaFunction")).toEqual([
      log("SessionDashstatusLogGroup"),
    ]);
    const upstream = { "Fn::GetAtt": ["ApiUpstreamSecret", "Id"] };
    expect(statementsOf(variant, "RegenerateLambdaFunction")).toEqual([
      log("RegenerateLogGroup"),
      allow(secrets(["GetSecretValue", ...write]), [master]),
      ...("originUrl" in VARIANTS[variant as Variant]
        ? [allow(secrets(["GetSecretValue"]), [upstream])]
        : []),
    ]);
    for (const name of ["Login", "Qr"]) {
      expect(statementsOf(variant, `${name}LambdaFunction`)).toEqual([
        log(`${name}LogGroup`),
        read,
      ]);
    }
    for (const name of ["Logout", "Healthz"]) {
      expect(statementsOf(variant, `${name}LambdaFunction`)).toEqual([log(`${name}LogGroup`)]);
    }
    expect(statementsOf(variant, "RotateLambdaFunction")).toEqual([
      log("RotateLogGroup"),
      allow(secrets(["DescribeSecret", "GetSecretValue", ...write]), [key]),
      allow(secrets(["GetRandomPassword"]), ["*"]),
    ]);
  });
});
