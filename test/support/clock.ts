/** A wall clock that stands still until a test advances it. */
export interface Clock {
  /** Unix milliseconds. */
  now: () => number;
  /** Unix seconds. */
  seconds: () => number;
  advance: (seconds: number) => void;
}

/** A clock at noon of 2026-01-01, UTC. */
export function createClock(): Clock {
  let milliseconds = Date.UTC(2026, 0, 1, 12);
  return {
    now: () => milliseconds,
    seconds: () => milliseconds / 1000,
    advance: (seconds) => {
      milliseconds += seconds * 1000;
    },
  };
}
