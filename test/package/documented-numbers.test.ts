// Numbers of the reviewed template that a page names.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { PARAMETERS } from "../../deploy/parameters.js";
import { ROOT } from "../support/checkout.ts";
import type { Template } from "./variants.ts";

const file = join(import.meta.dirname, "templates", "all-parameters.yml");
const { Resources }: Template = parse(readFileSync(file, "utf8"));
const all = (type: string) =>
  Object.values(Resources).filter(({ Type }) => Type === `AWS::${type}`);
const logMetrics = all("Logs::MetricFilter").map((filter) =>
  JSON.stringify(filter.Properties?.MetricTransformations),
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
  ["docs/costs.md", `| ${all("CloudWatch::Alarm").length} alarms |`],
  ["docs/costs.md", `| ${new Set(logMetrics).size} metrics counted in logs |`],
  ["docs/costs.md", `| requests to the API | ${rate(DefaultRouteSettings)} `],
  [
    "docs/costs.md",
    `| exchanges, logins, and requests to \`verify\` | ${rate(exchange)}, for each`,
  ],
  [
    "docs/costs.md",
    `\`pawSessionCached\`, an expired or revoked token can be valid for ${cached} s`,
  ],
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
