import { renderTable } from "../report.ts";
import * as given from "./assumptions.ts";
import * as figures from "./figures.ts";

const { QUOTAS, STACK } = given;
const { bytesOf, SHARE_MILLISECONDS, scaleAt, WHOLE_MILLISECONDS } = figures;

const small = scaleAt(10);
const medium = scaleAt(1_000);
const large = scaleAt(50_000);
const SCALES = [small, medium, large];

/** docs/scale.md, from the last results of the benchmark. */
export function scalePage(): string {
  return `# Scale

\`npm run bench:scale\` writes this page from [bench/RESULTS.md](../bench/RESULTS.md) and the prices and quotas in
[bench/scale/assumptions.ts](../bench/scale/assumptions.ts). The prices are AWS's list prices for us-east-1 in US dollars
(November 2026), first tier, without the free tier. Large accounts pay less for the API and for logs.

A warm request takes ${number(WHOLE_MILLISECONDS, 2)} ms on the benchmark's machine, with a whole processor. Lambda gives a
function of ${STACK.memoryMegabytes} MB ${number(figures.PROCESSOR_SHARE, 3)} of a processor
([AWS](https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)). So this page counts
${number(SHARE_MILLISECONDS, 2)} ms for each request, billed as ${figures.BILLED_MILLISECONDS} ms. That is an upper estimate: a request that
ends before its share is used up takes less. Every request calls the authorizer: \`pawSession\`, no cached results.

## What it needs

${renderTable(needs())}

Containers: requests a second × duration, plus three standard deviations (Poisson) for requests that arrive together. Each
container reads two secrets every ${given.REFRESH_SECONDS} s, and no request waits for that. The log line of an allowed request has
${bytesOf(given.ALLOWED_LINE)} bytes, a line of the access log has ${bytesOf(given.ACCESS_LINE)}.

## Quotas, in the order in which they are met

${renderTable(quotas())}

- Lambda: [concurrency](https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html) is adjustable. A new account
  may have less; the Service Quotas console shows it. A function [grows](https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html)
  by at most 1,000 containers and ${number(given.GROWTH_IN_10_SECONDS)} requests a second every 10 s.
- [API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html) and
  [CloudFront](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html): adjustable.
- [Secrets Manager](https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html): not adjustable.

## What it costs

${renderTable(costs())}

Not included: CloudFront, the secrets, alarms, data transfer, your own functions, PocketPaw's server.

## What to set

| requests a second | settings |
|---|---|
| ${number(small.rate)} | None: the defaults are enough. |
| ${number(medium.rate)} | Raise \`DefaultRouteSettings\` in serverless.yml. Set \`logLevel\` to WARN: the access log has the same facts about an allowed request. Set \`authorizerConcurrency\` to ${number(medium.concurrency)} or more, so that the account's other functions cannot use it up. Use \`pawSessionCached\` for API clients. |
| ${number(large.rate)} | As above. Ask AWS for a Lambda concurrency of ${number(large.concurrency)} (for the rate of requests: ${number(large.containers)} containers are enough for the work) and for a higher rate of API Gateway. Increase traffic over ${number((large.rate / given.GROWTH_IN_10_SECONDS) * 10)} s or more. With \`pawSessionCached\` and 9 of 10 results from the cache, a tenth of the authorizer's figures is enough. |

One PocketPaw serves one owner. At the higher rates the routes behind the authorizer are your own functions.
`;
}

const number = (value: number, digits = 0) =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

type Value = (scale: figures.Scale) => string;
const row = (name: string, value: Value) => [name, ...SCALES.map(value)];

function needs(): string[][] {
  return [
    row("requests a second", ({ rate }) => number(rate)),
    row("containers that work at the same time, on average", ({ busy }) => number(busy, 2)),
    row("containers, when requests arrive at random", ({ containers }) => number(containers)),
    row("Lambda concurrency that the account needs", ({ concurrency }) => number(concurrency)),
    row("reads of Secrets Manager a second", ({ reads }) => number(reads, 2)),
    row("the same in a flood of forged tokens", ({ readsInFlood }) => number(readsInFlood, 1)),
    row("access log, GB a month", ({ accessLog }) => number(accessLog, 1)),
    row("lines of allowed requests (INFO), GB a month", (scale) => number(scale.allowedLines, 1)),
  ];
}

function costs(): string[][] {
  const names = Object.keys(small.costs);
  const total: Value = ({ costs }) =>
    number(
      Object.values(costs).reduce((sum, c) => sum + c),
      2,
    );
  return [
    row("US dollars a month, at this rate all month", ({ rate }) => number(rate)),
    ...names.map((name) => row(name, ({ costs }) => number(costs[name] ?? Number.NaN, 2))),
    row("**together**", total),
  ];
}

function quotas(): string[][] {
  const containers = (QUOTAS.secretReads * given.REFRESH_SECONDS) / given.SECRETS;
  const perSecond = (name: string, quota: number) => [
    name,
    `${number(quota)} a second`,
    number(quota),
  ];
  return [
    ["quota", "default", "met at, requests a second"],
    perSecond("`DefaultRouteSettings` of this stack", STACK.routeThrottle),
    [
      "Lambda concurrency: 10 requests a second for each unit",
      number(QUOTAS.lambdaConcurrency),
      number(QUOTAS.lambdaConcurrency * given.REQUESTS_PER_CONCURRENCY),
    ],
    perSecond("API Gateway, all APIs of the account and Region", QUOTAS.apiGateway),
    perSecond("CloudFront, one distribution", QUOTAS.cloudFront),
    [
      "GetSecretValue and DescribeSecret together",
      `${number(QUOTAS.secretReads)} a second`,
      `${number((containers * 1000) / SHARE_MILLISECONDS)} (${number(containers)} containers)`,
    ],
  ];
}
