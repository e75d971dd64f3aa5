import { afterAll, expect, test } from "vitest";
import { makeCheckout } from "../support/checkout.ts";
import { deployed } from "./support/deployed.ts";
import { callAws, elements, queryAws } from "./support/emulator.ts";
import { outputsOf, SERVICE, serverless } from "./support/stack.ts";

const { url } = deployed;
const checkout = makeCheckout();
afterAll(() => checkout.remove());

/** A list operation of a service that speaks AWS JSON 1.1. */
async function list(service: string, target: string): Promise<Record<string, unknown>> {
  const response = await callAws(url, service, "/", {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target },
    body: "{}",
  });
  return JSON.parse(response);
}

/** All that a stack of ours can leave behind, by ARN or name. */
async function inventory(): Promise<string[]> {
  const { Functions } = JSON.parse(await callAws(url, "lambda", "/2015-03-31/functions"));
  const { items } = JSON.parse(await callAws(url, "apigateway", "/v2/apis"));
  const { logGroups } = await list("logs", "Logs_20140328.DescribeLogGroups");
  const { metricFilters } = await list("logs", "Logs_20140328.DescribeMetricFilters");
  const { SecretList } = await list("secretsmanager", "secretsmanager.ListSecrets");
  const names = (records: unknown, field: string) =>
    (records as Record<string, string>[]).map((record) => `${field} ${record[field]}`);
  return [
    ...names(Functions, "FunctionArn"),
    ...names(items, "apiId"),
    ...names(logGroups, "logGroupName"),
    ...names(metricFilters, "filterName"),
    ...names(SecretList, "ARN"),
    ...elements(await queryAws(url, "iam", { Action: "ListRoles" }), "Arn"),
    ...elements(await queryAws(url, "monitoring", { Action: "DescribeAlarms" }), "AlarmName"),
    ...elements(await queryAws(url, "cloudformation", { Action: "ListExports" }), "Name"),
    ...elements(await queryAws(url, "cloudformation", { Action: "DescribeStacks" }), "StackName"),
    ...elements(await callAws(url, "s3", "/"), "Name"),
  ];
}

test("serverless remove leaves the secrets and nothing else", async () => {
  const deployment = {
    url,
    directory: checkout.directory,
    stage: "removed",
    parameters: { ...deployed.parameters },
  };
  const before = await inventory();
  await serverless("deploy", deployment);
  const outputs = await outputsOf(url, `${SERVICE}-removed`);
  const during = (await inventory()).filter((name) => !before.includes(name));
  // So that nothing is missed for having been looked for in the wrong place.
  expect(during.length).toBeGreaterThan(30);

  await serverless("remove", deployment);
  const left = (await inventory()).filter((name) => !before.includes(name));
  expect(left.toSorted()).toEqual(
    [
      ...["MasterTokenSecretArn", "HmacKeySecretArn"],
      ...["ApiUpstreamSecretArn", "DirectUpstreamSecretArn"],
    ]
      .map((name) => `ARN ${outputs[name]}`)
      .toSorted(),
  );
}, 120_000);
