/** How much a run measures. */
export interface Options {
  /** Rounds of each interleaved comparison. */
  rounds: number;
  /** Cold starts of each function. */
  coldStarts: number;
  /** Seconds at each number of connections. */
  loadSeconds: number;
  /** Seconds of good requests, then seconds of forgeries, while reads are counted. */
  countingSeconds: readonly [good: number, forged: number];
  /** Seconds of requests around refreshes, for each condition and response time. */
  refreshSeconds: number;
}

export const FULL: Options = {
  rounds: 100,
  coldStarts: 31,
  loadSeconds: 5,
  countingSeconds: [125, 30],
  refreshSeconds: 32,
};

/** Shows that everything still runs; its figures are worth little. */
export const QUICK: Options = {
  rounds: 5,
  coldStarts: 3,
  loadSeconds: 1,
  countingSeconds: [2, 6],
  refreshSeconds: 10,
};
