import { expect, test } from "vitest";
import { elements, queryAws } from "../deployed/support/emulator.ts";
import { examples } from "./examples.ts";

const { url, stage } = examples;

interface Template {
  readonly Resources: Readonly<
    Record<string, { Type: string; Properties?: Readonly<Record<string, unknown>> }>
  >;
}

/** A stack's template after CloudFormation's transforms. */
async function templateOf(stack: string): Promise<Template> {
  const xml = await queryAws(url, "cloudformation", {
    Action: "GetTemplate",
    StackName: stack,
    TemplateStage: "Processed",
  });
  const [body = ""] = elements(xml, "TemplateBody");
  const text = body.replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&amp;", "&");
  return JSON.parse(text.replaceAll("&lt;", "<").replaceAll("&gt;", ">"));
}

// The emulator asks for no permission before it calls an authorizer. AWS responds 500 without one.
test.each([
  [`dashboard-routes-own-${stage}`, 1],
  [`dashboard-routes-rest-${stage}`, 1],
  ["my-reports", 1],
  ["pocketpaw-routes-cdk", 2],
])("%s lets its own APIs, and no others, call the authorizer", async (stack, apis) => {
  const { Resources } = await templateOf(stack);
  const permissions = Object.values(Resources).filter(
    ({ Type, Properties }) =>
      Type === "AWS::Lambda::Permission" &&
      JSON.stringify(Properties?.FunctionName).includes("AuthorizerFunctionArn"),
  );
  expect(permissions).toHaveLength(apis);
  for (const { Properties } of permissions) {
    expect(Properties).toMatchObject({
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
    });
    const [, api = ""] = JSON.stringify(Properties?.SourceArn).match(/"Ref":"(\w*Api\w*)"/) ?? [];
    expect(Resources[api]?.Type).toMatch(/^AWS::ApiGateway(V2::Api|::RestApi)$/);
  }
});
