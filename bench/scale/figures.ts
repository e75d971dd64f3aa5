import * as given from "./assumptions.ts";
import { medianOf } from "./results.ts";

const { PRICES, STACK } = given;
const SECONDS_A_MONTH = 30 * 86_400;

/** Of a processor, as Lambda gives it to a function of this size. */
export const PROCESSOR_SHARE = STACK.memoryMegabytes / given.MEGABYTES_A_PROCESSOR;
/** Milliseconds of a warm request with a whole processor, and with that share of one. */
export const WHOLE_MILLISECONDS = medianOf("authorizer, warm", "authorizer") / 1000;
export const SHARE_MILLISECONDS = WHOLE_MILLISECONDS / PROCESSOR_SHARE;
/** Lambda bills whole milliseconds. */
export const BILLED_MILLISECONDS = Math.ceil(SHARE_MILLISECONDS);

/** What a steady rate of requests needs and costs. */
export interface Scale {
  /** Requests a second. */
  readonly rate: number;
  /** Containers that work at the same time, on average. */
  readonly busy: number;
  /** Containers, when requests arrive at random. */
  readonly containers: number;
  /** Lambda concurrency that the account needs. */
  readonly concurrency: number;
  /** Reads of Secrets Manager a second; in a flood of forged tokens. */
  readonly reads: number;
  readonly readsInFlood: number;
  /** GB a month. */
  readonly accessLog: number;
  readonly allowedLines: number;
  /** US dollars a month. */
  readonly costs: Readonly<Record<string, number>>;
}

/**
 * What the authorizer needs at that many requests a second, all month, without cached results.
 * Containers: the mean of requests in progress, and three standard deviations of a Poisson process.
 */
export function scaleAt(rate: number): Scale {
  const busy = (rate * SHARE_MILLISECONDS) / 1000;
  const containers = Math.ceil(busy + 3 * Math.sqrt(busy));
  const reads = (containers * given.SECRETS) / given.REFRESH_SECONDS;
  const requests = rate * SECONDS_A_MONTH;
  const gigabyteSeconds = requests * (BILLED_MILLISECONDS / 1000) * (STACK.memoryMegabytes / 1024);
  const accessLog = (requests * bytesOf(given.ACCESS_LINE)) / 1e9;
  const allowedLines = (requests * bytesOf(given.ALLOWED_LINE)) / 1e9;
  return {
    rate,
    busy,
    containers,
    concurrency: Math.max(containers, rate / given.REQUESTS_PER_CONCURRENCY),
    reads,
    readsInFlood: (containers * given.SECRETS) / given.COOLDOWN_SECONDS,
    accessLog,
    allowedLines,
    costs: {
      "HTTP API": (requests / 1e6) * PRICES.httpApiPerMillion,
      "authorizer, calls": (requests / 1e6) * PRICES.lambdaPerMillion,
      "authorizer, duration": gigabyteSeconds * PRICES.lambdaPerGigabyteSecond,
      "access log": accessLog * PRICES.logsPerGigabyte,
      "lines of allowed requests (INFO)": allowedLines * PRICES.logsPerGigabyte,
      "reads of Secrets Manager": ((reads * SECONDS_A_MONTH) / 1e4) * PRICES.secretReadsPer10000,
    },
  };
}

/** Bytes of a log line with its line feed. */
export function bytesOf(line: object): number {
  return JSON.stringify(line).length + 1;
}
