import { callAws } from "./emulator.ts";

/*
 * Two faults of MiniStack 1.5.33 that would keep the stack from being tested. What the template says
 * is right for AWS (test/package sees to that); here the emulator is given the same
 * in words that it understands. A newer one may not need it: remove a repair and run the tests.
 */

/** Gives the emulator's copy of a deployed HTTP API what it has misunderstood. */
export async function repairApi(url: string, apiId: string): Promise<void> {
  await repairCors(url, apiId);
  await repairMapping(url, apiId);
}

/**
 * A `CorsConfiguration` that comes by CloudFormation is kept under CloudFormation's names
 * (`AllowOrigins`), and looked for under the API's (`allowOrigins`): every preflight is refused.
 */
async function repairCors(url: string, apiId: string): Promise<void> {
  const path = `/v2/apis/${apiId}`;
  const { corsConfiguration } = JSON.parse(await callAws(url, "apigateway", path));
  if (corsConfiguration === undefined) return;
  const entries = Object.entries(corsConfiguration);
  const repaired = entries.map(([name, value]) => [lowerFirst(name), value]);
  await patch(url, path, { corsConfiguration: Object.fromEntries(repaired) });
}

/**
 * `$context.authorizer.<key>` in a parameter mapping is not known, only
 * `$context.authorizer.lambda.<key>`. AWS documents the former:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
async function repairMapping(url: string, apiId: string): Promise<void> {
  const path = `/v2/apis/${apiId}/integrations`;
  const { items } = JSON.parse(await callAws(url, "apigateway", path));
  for (const { integrationId, requestParameters = {} } of items) {
    const repaired = JSON.stringify(requestParameters).replaceAll(
      "$context.authorizer.",
      "$context.authorizer.lambda.",
    );
    await patch(url, `${path}/${integrationId}`, { requestParameters: JSON.parse(repaired) });
  }
}

async function patch(url: string, path: string, body: object): Promise<void> {
  await callAws(url, "apigateway", path, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
