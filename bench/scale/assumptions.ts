/** What docs/scale.md takes from AWS's price list and documentation, and from the stack. */

/** List prices, US dollars, us-east-1, November 2026, first tier, without the free tier. */
export const PRICES = {
  httpApiPerMillion: 1.0,
  lambdaPerMillion: 0.2,
  /** On arm64. */
  lambdaPerGigabyteSecond: 0.000_013_333_4,
  logsPerGigabyte: 0.5,
  secretReadsPer10000: 0.05,
};

/** Defaults of an account and Region, a second where nothing else is said. */
export const QUOTAS = {
  /** Concurrent executions. */
  lambdaConcurrency: 1_000,
  /** All APIs together. */
  apiGateway: 10_000,
  /** One distribution. */
  cloudFront: 250_000,
  /** GetSecretValue and DescribeSecret together. */
  secretReads: 10_000,
};

/** Lambda takes ten requests a second for each unit of concurrency, however short they are. */
export const REQUESTS_PER_CONCURRENCY = 10;
/** By so many requests a second a function can grow in 10 s. */
export const GROWTH_IN_10_SECONDS = 10_000;

/** Of serverless.yml. */
export const STACK = { routeThrottle: 100, memoryMegabytes: 256 };
/** A function has one processor at this size. */
export const MEGABYTES_A_PROCESSOR = 1_769;

/** DESIGN.md section 7: two secrets, read again at three quarters of SECRETS_FRESH_SECONDS. */
export const SECRETS = 2;
export const REFRESH_SECONDS = 60 * 0.75;
export const COOLDOWN_SECONDS = 5;

/** The authorizer's log line of an allowed request, with values of the usual length. */
export const ALLOWED_LINE = {
  timestamp: "2026-11-25T12:00:00.000Z",
  level: "INFO",
  event: "authorization",
  requestId: "JKJaXmPLvHcESHA=",
  sourceIp: "203.0.113.207",
  outcome: "allowed",
  method: "session",
  sessionId: "0123456789abcdef",
};
/** The access log's line of the same request. */
export const ACCESS_LINE = {
  requestId: "JKJaXmPLvHcESHA=",
  time: "25/Nov/2026:12:00:00 +0000",
  sourceIp: "203.0.113.207",
  httpMethod: "GET",
  routeKey: "GET /api/{proxy+}",
  status: "200",
  responseLength: "12345",
  responseLatency: "123",
  authorizerError: "-",
  method: "session",
  sessionId: "0123456789abcdef",
};
