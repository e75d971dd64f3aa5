/** What many runs of one thing took, in the order of the runs; any unit. */
export type Samples = readonly number[];

/** The value below which the given share (0 to 1) of the samples lies. */
export function quantile(samples: Samples, share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(samples: Samples): number {
  return quantile(samples, 0.5);
}

/**
 * How many times the base's the samples are: the median of the ratios of runs that stood side by
 * side, so that a machine that is slower for a while slows both.
 */
export function ratio(samples: Samples, base: Samples): number {
  return median(samples.map((sample, run) => sample / (base[run] ?? Number.NaN)));
}
