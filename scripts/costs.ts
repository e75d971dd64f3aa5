import {
  ACCESS_LINE,
  ALLOWED_LINE,
  PRICES,
  REFRESH_SECONDS,
  SECRETS,
  STACK,
} from "../bench/scale/assumptions.ts";

// `npm run costs` prints the tables of docs/costs.md; scripts/check-docs.ts compares them with the page.

/**
 * List prices beside those of docs/scale.md: US dollars, us-east-1, November 2026, without the free tier.
 * https://aws.amazon.com/secrets-manager/pricing/ https://aws.amazon.com/cloudwatch/pricing/
 * https://aws.amazon.com/cloudfront/pricing/
 */
const MONTHLY = { secret: 0.4, alarm: 0.1, logMetric: 0.3, dashboard: 3 };
const CLOUDFRONT_PER_10000 = 0.01;

/** Of the stack with an originUrl (deploy/secrets.js, upstream.js, alarms.js, log-metrics.js). */
const STACK_HAS = { secrets: 4, alarms: 5, logMetrics: 4 };

const REQUESTS = 1e6;
const MONTH_SECONDS = 30 * 86_400;
/** More than any measurement of bench/RESULTS.md, Lambda's slower processor counted in. */
const AUTHORIZER_SECONDS = 0.005;

/** The part of the requests that reaches the authorizer function. */
const CALLS = { pawSession: 1, pawSessionCached: 0.1 };

const gigabytes = (line: object) => JSON.stringify(line).length / 1e9;

/** Prices of one request, US dollars. */
const ONE = {
  api: PRICES.httpApiPerMillion / 1e6,
  call: PRICES.lambdaPerMillion / 1e6,
  duration: (STACK.memoryMegabytes / 1024) * AUTHORIZER_SECONDS * PRICES.lambdaPerGigabyteSecond,
  allowedLine: gigabytes(ALLOWED_LINE) * PRICES.logsPerGigabyte,
  accessLine: gigabytes(ACCESS_LINE) * PRICES.logsPerGigabyte,
  cloudFront: CLOUDFRONT_PER_10000 / 1e4,
};

/**
 * What a month with a million requests costs, in Markdown. Each row's price depends on how many of the
 * requests call the authorizer.
 */
export function monthTable(): string {
  const { secrets, alarms, logMetrics } = STACK_HAS;
  const reads = (SECRETS * MONTH_SECONDS) / REFRESH_SECONDS;
  const rows: readonly (readonly [string, (calls: number) => number])[] = [
    ["HTTP API, 1.00 per million requests", () => REQUESTS * ONE.api],
    ["authorizer, 0.20 per million calls", (calls) => REQUESTS * calls * ONE.call],
    ["authorizer, 256 MB on arm64 for 5 ms a call", (calls) => REQUESTS * calls * ONE.duration],
    [
      "authorizer's log, 0.50 per GB; none at `logLevel=WARN`",
      (calls) => REQUESTS * calls * ONE.allowedLine,
    ],
    ["access log, 0.50 per GB", () => REQUESTS * ONE.accessLine],
    [
      "Secrets Manager, 0.05 per 10,000 reads: one busy container",
      () => (reads / 1e4) * PRICES.secretReadsPer10000,
    ],
    [`${secrets} secrets, 0.40 each`, () => secrets * MONTHLY.secret],
    [`${alarms} alarms, 0.10 each`, () => alarms * MONTHLY.alarm],
    [`${logMetrics} metrics counted in logs, 0.30 each`, () => logMetrics * MONTHLY.logMetric],
    ["CloudWatch dashboard (an account's first three are free)", () => MONTHLY.dashboard],
    ["CloudFront, 0.01 per 10,000 requests", () => REQUESTS * ONE.cloudFront],
  ];
  const total = (calls: number) => rows.reduce((sum, [, price]) => sum + price(calls), 0);
  const line = (name: string, price: (calls: number) => number, bold = "") =>
    `| ${bold}${name}${bold} | ${bold}${dollars(price(CALLS.pawSession))}${bold} | ${bold}${dollars(price(CALLS.pawSessionCached))}${bold} |`;
  return [
    "| one month, one million requests | `pawSession` | `pawSessionCached`, 9 of 10 from the cache |",
    "|---|---|---|",
    ...rows.map(([name, price]) => line(name, price)),
    line("together", total, "**"),
  ].join("\n");
}

/** What a flood costs that the stage's throttle lets through, in Markdown. */
export function floodTable(): string {
  const request = ONE.api + ONE.call + ONE.duration + ONE.allowedLine + ONE.accessLine;
  const rows = [
    ["an hour", 3600],
    ["a day", 86_400],
    ["a month", MONTH_SECONDS],
  ] as const;
  return [
    `| ${STACK.routeThrottle} requests a second, all of which reach the authorizer, for | US dollars |`,
    "|---|---|",
    ...rows.map(
      ([name, seconds]) => `| ${name} | ${dollars(STACK.routeThrottle * seconds * request)} |`,
    ),
  ].join("\n");
}

function dollars(amount: number): string {
  return amount.toFixed(2);
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(`${monthTable()}\n\n${floodTable()}\n`);
}
