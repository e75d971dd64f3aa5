/** How much a run measures. */
export interface Options {
  /** Rounds of each interleaved comparison. */
  rounds: number;
  /** Cold starts of each function. */
  coldStarts: number;
  /** Seconds of good requests, then seconds of forgeries, in each condition. */
  refreshSeconds: readonly [good: number, forged: number];
  /** Streams that are opened, and first loads of the dashboard, each way. */
  loads: number;
}

export const FULL: Options = { rounds: 100, coldStarts: 31, refreshSeconds: [32, 30], loads: 21 };

/** Shows that everything still runs; its figures are worth little. */
export const QUICK: Options = { rounds: 5, coldStarts: 3, refreshSeconds: [10, 6], loads: 3 };
