import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { deployed } from "./support/deployed.ts";
import { elements, queryAws } from "./support/emulator.ts";
import { SERVICE, serverless } from "./support/stack.ts";

// The same commit in another folder, as on another machine; without what the deployment left there.
const directory = mkdtempSync(join(tmpdir(), "pocketpaw-redeployment-"));
cpSync(deployed.directory, directory, {
  recursive: true,
  filter: (source) => !/[/]\.(serverless|esbuild)$/.test(source),
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("deploying the same commit twice changes nothing", async () => {
  const stack = { StackName: `${SERVICE}-${deployed.stage}` };
  const describeAll = async () => {
    const { url } = deployed;
    const resources = await queryAws(url, "cloudformation", {
      Action: "DescribeStackResources",
      ...stack,
    });
    const events = await queryAws(url, "cloudformation", {
      Action: "DescribeStackEvents",
      ...stack,
    });
    return [elements(resources, "PhysicalResourceId"), elements(events, "EventId")];
  };
  const before = await describeAll();
  const output = await serverless("deploy", { ...deployed, directory });
  expect(output).toContain("No changes to deploy");
  expect(await describeAll()).toEqual(before);
});

test("a bad parameter stops the deployment, and the message names it", async () => {
  const failure = await serverless("deploy", {
    ...deployed,
    directory,
    stage: "bad",
    parameters: { originUrl: "ftp://paw.example.com", sessionTtlHours: 0 },
  }).then(
    () => "it was deployed",
    (error: Error) => error.message,
  );
  expect(failure).toContain(
    'originUrl is "ftp://paw.example.com"; it must be https:// and a DNS name',
  );
  expect(failure).toContain('sessionTtlHours is "0"; it must be a whole number from 1 to 720');
});
