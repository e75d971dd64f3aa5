import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { baseEnvironment, run } from "../deployed/support/processes.ts";
import { ROOT } from "../support/checkout.ts";

const FOLDER = join(ROOT, "examples", "cdk");
const CDK = join(FOLDER, "node_modules", ".bin", "cdk");

/**
 * Runs `cdk synth` in examples/cdk, after `npm ci` where CDK is not installed.
 *
 * @param output the folder for what it writes
 * @param gateway the gateway's stack
 * @returns the template's text
 */
export async function synthesizeCdk(output: string, gateway: string): Promise<string> {
  const env = { ...process.env, ...baseEnvironment([]), CDK_DISABLE_CLI_TELEMETRY: "true" };
  const inFolder = (command: string, args: string[]) =>
    run({ command, args, env: env as Record<string, string>, directory: FOLDER });
  if (!existsSync(CDK)) {
    console.log("Installing CDK …");
    await inFolder("npm", ["ci"]);
  }
  const context = ["--context", `gateway=${gateway}`];
  await inFolder(CDK, ["synth", "--quiet", "--no-notices", "--output", output, ...context]);
  return withoutRouteResponses(
    readFileSync(join(output, "pocketpaw-routes-cdk.template.json"), "utf8"),
  );
}

/**
 * The emulator does not know AWS::ApiGatewayV2::RouteResponse, which makes API Gateway return what a
 * WebSocket route's function returns. The emulator returns it in any case.
 */
function withoutRouteResponses(template: string): string {
  const { Resources, ...rest }: { Resources: Record<string, { Type: string }> } =
    JSON.parse(template);
  const known = Object.entries(Resources).filter(
    ([, { Type }]) => Type !== "AWS::ApiGatewayV2::RouteResponse",
  );
  return JSON.stringify({ ...rest, Resources: Object.fromEntries(known) });
}
