import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../deployed/support/processes.ts";
import { installPackages } from "../deployed/support/tools.ts";
import { ROOT } from "../support/checkout.ts";

const FOLDER = join(ROOT, "examples", "cdk");

/**
 * Runs `cdk synth` in examples/cdk.
 *
 * @param output the folder for what it writes
 * @param gateway the gateway's stack
 * @returns the template's text
 */
export async function synthesizeCdk(output: string, gateway: string): Promise<string> {
  await installPackages(FOLDER);
  await run({
    command: join(FOLDER, "node_modules", ".bin", "cdk"),
    args: [
      ...["synth", "--quiet", "--no-notices", "--output", output],
      ...["--context", `gateway=${gateway}`],
    ],
    env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: "true" },
    directory: FOLDER,
  });
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
