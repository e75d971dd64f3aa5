// The parameters of a deployment, as the framework's command line takes them.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCheckout } from "../support/checkout.ts";
import { packageVariant, readTemplate } from "./variants.ts";

const { directory, remove } = makeCheckout();
afterAll(() => remove());

function serverless(args: string) {
  const command = join(directory, "node_modules/.bin/serverless");
  return spawnSync(command, args.split(" "), { cwd: directory, encoding: "utf8" });
}

beforeAll(() => {
  const file = "originUrl: https://pocketpaw-origin.example.com\nsessionTtlHours: 5\n";
  writeFileSync(join(directory, "params.dev.yml"), file);
  writeFileSync(join(directory, "params.bad.yml"), "sessionttlhours: 5\n");
});

test("params.<stage>.yml has parameters of the stage, and the command line wins", () => {
  const parameters = { sessionTtlHours: 7 };
  const [, file] = packageVariant(directory, "command", { parameters });
  const { Resources } = readTemplate(file);
  const { Variables } = Object(Resources.SessionLambdaFunction?.Properties.Environment);
  expect(Variables).toMatchObject({ HAS_POCKETPAW: "true", SESSION_TTL_HOURS: "7" });
});

test("a bad parameter in it stops the deployment, and the message is the first that is printed", () => {
  const { status, stdout, stderr } = serverless("package --stage bad --region us-east-1");
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toBe('"sessionttlhours" is not a parameter; it must be "sessionTtlHours".\n');
});

test("npm start does not read it", () => {
  const { status, stderr } = serverless("offline start --stage bad --param=originurl=x");
  const message = '"originurl" is not a parameter; it must be "originUrl".\n';
  expect([status, stderr]).toEqual([1, message]);
});
