// Numbers of the reviewed template that a page names.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PARAMETERS } from "../../deploy/parameters.js";
import { ROOT } from "../support/checkout.ts";
import { reviewed } from "./render.ts";

const COSTS = "docs/costs.md";
const { Resources } = reviewed("all parameters");
const all = (type: string) =>
  Object.values(Resources).filter(({ Type }) => Type === `AWS::${type}`);
const logMetrics = all("Logs::MetricFilter").map((filter) =>
  JSON.stringify(filter.Properties.MetricTransformations),
);
const of = (id: string) => Object(Resources[id]?.Properties);
const { DefaultRouteSettings, RouteSettings } = of("HttpApiStage");
const [exchange] = Object.values<Record<string, number>>(RouteSettings);
const [, proxy] = of("Distribution").DistributionConfig.Origins;
const { EvaluationPeriods, DatapointsToAlarm } = of("AuthorizerFailuresAlarm");
const { Threshold, Period } = of("WrongTokensAlarm");
const cached = of("HttpApiAuthorizerPawSessionCached").AuthorizerResultTtlInSeconds;
const silent = proxy.CustomOriginConfig.OriginReadTimeout;
const days = PARAMETERS.logRetentionDays.allowed.replace("one of ", "").split(", ");
const last = days.pop();
const rate = ({ ThrottlingRateLimit, ThrottlingBurstLimit }: Record<string, number> = {}) =>
  `${ThrottlingRateLimit} a second, burst ${ThrottlingBurstLimit}`;

test.each([
  [COSTS, `| ${all("CloudWatch::Alarm").length} alarms |`],
  [COSTS, `| ${new Set(logMetrics).size} metrics counted in logs |`],
  [COSTS, `| requests to the API | ${rate(DefaultRouteSettings)} `],
  [COSTS, `| exchanges, logins, and requests to \`verify\` | ${rate(exchange)}, for each`],
  [COSTS, `\`pawSessionCached\`, an expired or revoked token can be valid for ${cached} s`],
  ["SECURITY.md", `(\`pawSessionCached\`) lives up to ${cached} s longer`],
  ["docs/operations.md", `failed in ${DatapointsToAlarm} of ${EvaluationPeriods} minutes`],
  ["docs/operations.md", `| wrong tokens | ${Threshold} tokens`],
  ["docs/operations.md", `\`bad_mac\` in ${Period / 60} minutes`],
  ["docs/behind-pocketpaw.md", `One that is silent for ${silent} s ends with 504`],
  ["docs/configuration.md", `| 30 | ${days.join(", ")} or ${last} |`],
  ["README.md", `A direct response that is silent for ${silent} s ends`],
])("%s: %s", (page, text) => {
  expect(readFileSync(join(ROOT, page), "utf8").replace(/\s+/g, " ")).toContain(text);
});

test("each limit is under the next: regeneration's 29 s, API Gateway's 30 s, CloudFront's 35 s", () => {
  const [api] = of("Distribution").DistributionConfig.Origins;
  const limits = [
    of("RegenerateLambdaFunction").Timeout,
    of("HttpApiIntegrationRegenerate").TimeoutInMillis / 1000,
    api.CustomOriginConfig.OriginReadTimeout,
  ];
  expect(limits).toEqual([29, 30, 35]);
  expect(of("AuthorizerFailuresAlarm").Period).toBe(60);
});
