/**
 * A clock for ages, which follows the wall clock and never steps back. Not a monotonic clock: that one may
 * stand still while Lambda has the container frozen, and a revoked secret would stay in use for as long.
 *
 * Where the wall clock steps back (NTP, a resumed machine), nobody knows how much time has passed. The clock
 * for ages then goes `leap` forward: with the time that a value is fresh, every value must be read again.
 *
 * @param now wall clock, milliseconds
 * @param leapMilliseconds at least the time that a value is fresh
 * @returns milliseconds since no particular time
 */
export function createAgeClock(now: () => number, leapMilliseconds: number): () => number {
  let last = Number.NEGATIVE_INFINITY;
  let ahead = 0;
  return () => {
    const time = now();
    if (time < last) ahead += last - time + leapMilliseconds;
    last = time;
    return time + ahead;
  };
}
