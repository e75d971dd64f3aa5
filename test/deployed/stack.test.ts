import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, expect, test } from "vitest";
import { packageVariant, VARIANTS } from "../package/variants.ts";
import { makeCheckout } from "../support/checkout.ts";
import { HMAC_KEY } from "../support/tokens.ts";
import { deployed } from "./support/deployed.ts";
import { callAws, elements, queryAws, readSecret } from "./support/emulator.ts";
import { SERVICE, serverless } from "./support/stack.ts";
import { PYTHON_PROGRAMS } from "./support/tools.ts";

const { url } = deployed;
const stack = { StackName: `${SERVICE}-${deployed.stage}` };
// The same commit in another folder, as on another machine.
const { directory, remove } = makeCheckout();
afterAll(remove);

test.each(Object.entries(VARIANTS))(
  "cfn-lint finds nothing in the templates: %s",
  (name, variant) => {
    const files = packageVariant(directory, name, variant);
    // Exits with another code than 0 for an error and for a warning.
    const output = execFileSync(join(PYTHON_PROGRAMS, "cfn-lint"), files, { encoding: "utf8" });
    expect(output.trim()).toBe("");
  },
);

test("deploying the same commit twice changes nothing", async () => {
  const describeAll = async () => {
    const Action = "DescribeStackResources";
    const resources = await queryAws(url, "cloudformation", { Action, ...stack });
    const events = { Action: "DescribeStackEvents", ...stack };
    return [
      elements(resources, "PhysicalResourceId"),
      elements(await queryAws(url, "cloudformation", events), "EventId"),
    ];
  };
  const before = await describeAll();
  const output = await serverless("deploy", { ...deployed, directory });
  expect(output).toContain("No changes to deploy");
  expect(await describeAll()).toEqual(before);
});

/** All that is in the zip of a deployed function. */
async function deployedCode(name: string): Promise<string> {
  const { Code } = JSON.parse(await callAws(url, "lambda", `/2015-03-31/functions/${name}`));
  const zip = await (await fetch(Code.Location)).arrayBuffer();
  return Object.values(unzipSync(new Uint8Array(zip)))
    .map((file) => strFromU8(file))
    .join();
}

test("the secrets' values appear in no template, environment variable, output or code", async () => {
  const values = [deployed.masterToken, HMAC_KEY];
  for (const id of ["MasterToken", "HmacKey", "ApiUpstream", "DirectUpstream"]) {
    values.push(await readSecret(url, deployed.outputs[`${id}SecretArn`]));
  }
  const functions = await callAws(url, "lambda", "/2015-03-31/functions");
  const names: string[] = JSON.parse(functions).Functions.map(
    ({ FunctionName }: { FunctionName: string }) => FunctionName,
  );
  const ours = names.filter((name) => name.startsWith(stack.StackName));
  expect(ours).toHaveLength(11);
  const shown = [
    await queryAws(url, "cloudformation", { Action: "GetTemplate", ...stack }),
    await queryAws(url, "cloudformation", { Action: "DescribeStacks", ...stack }),
    functions,
    ...(await Promise.all(ours.map(deployedCode))),
  ].join();
  expect(shown).toContain("Invalid master token");
  expect(shown).toContain("function handler(event)");
  expect(new Set(values).size).toBe(4);
  expect(values).not.toContain("");
  for (const value of values) expect(shown).not.toContain(value);
});
