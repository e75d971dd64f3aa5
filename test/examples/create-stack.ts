import { setTimeout } from "node:timers/promises";
import { elements, queryAws } from "../deployed/support/emulator.ts";
import { outputsOf } from "../deployed/support/stack.ts";

const LIMIT_MILLISECONDS = 120_000;

/**
 * CloudFormation's CreateStack, until the stack is complete.
 *
 * @param template its text, as CDK or SAM deploys it; CloudFormation runs SAM's transform
 * @returns the stack's outputs by their names
 * @throws Error with the reasons when the stack is not created within two minutes
 */
export async function createStack(
  url: string,
  name: string,
  template: string,
): Promise<Record<string, string>> {
  await queryAws(url, "cloudformation", {
    Action: "CreateStack",
    StackName: name,
    TemplateBody: template,
    "Capabilities.member.1": "CAPABILITY_IAM",
    "Capabilities.member.2": "CAPABILITY_AUTO_EXPAND",
  });
  const deadline = Date.now() + LIMIT_MILLISECONDS;
  let status = "";
  while (status !== "CREATE_COMPLETE") {
    if (Date.now() > deadline || /FAILED|ROLLBACK/.test(status)) {
      const events = { Action: "DescribeStackEvents", StackName: name };
      const xml = await queryAws(url, "cloudformation", events);
      throw new Error(`${name}: ${elements(xml, "ResourceStatusReason").join("; ")}`);
    }
    await setTimeout(200);
    const description = { Action: "DescribeStacks", StackName: name };
    const xml = await queryAws(url, "cloudformation", description);
    status = elements(xml, "StackStatus")[0] ?? "";
  }
  return await outputsOf(url, name);
}
