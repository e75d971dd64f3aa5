import { expect, onTestFinished, test } from "vitest";
import { makeCheckout } from "../support/checkout.ts";
import { deployed } from "./support/deployed.ts";
import { callAws, callJson, elements, queryAws } from "./support/emulator.ts";
import { deployGateway, serverless } from "./support/stack.ts";

const { url } = deployed;
type Records = Record<string, Record<string, string>[]>;

/** All that a stack of ours can leave behind, by ARN or name. */
async function inventory(): Promise<string[]> {
  const { Functions } = JSON.parse(await callAws(url, "lambda", "/2015-03-31/functions"));
  const { items } = JSON.parse(await callAws(url, "apigateway", "/v2/apis"));
  const logs = (operation: string) => callJson<Records>(url, "logs", `Logs_20140328.${operation}`);
  const { logGroups } = await logs("DescribeLogGroups");
  const { metricFilters } = await logs("DescribeMetricFilters");
  const list = "secretsmanager.ListSecrets";
  const { SecretList } = await callJson<Records>(url, "secretsmanager", list);
  const names = (records: Record<string, string>[] = [], field: string) =>
    records.map((record) => `${field} ${record[field]}`);
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
  const { directory, remove } = makeCheckout();
  onTestFinished(remove);
  const deployment = { url, directory, stage: "removed", parameters: deployed.parameters };
  const before = await inventory();
  const { outputs } = await deployGateway(deployment);
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
