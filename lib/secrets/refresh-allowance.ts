/** How many refreshes bad tokens may cause. */
export interface Allowance {
  /** Uses one refresh. False when there is none left, or while it is suspended. */
  take: () => boolean;
  /** Regains the refresh of a token that was then accepted. */
  giveBack: () => void;
  /** No refresh for one cooldown: a read has just failed. */
  suspend: () => void;
}

/**
 * Two, so that one forgery does not delay a token that is made after it; then one per cooldown, so
 * that a flood of forgeries costs one read per secret and cooldown.
 */
const BURST = 2;

/**
 * Counts the refreshes that bad tokens cause: two at once, one regained per cooldown.
 *
 * @param now wall clock, milliseconds
 */
export function createAllowance(now: () => number, cooldownMilliseconds: number): Allowance {
  let allRegainedAt = Number.NEGATIVE_INFINITY;
  let suspendedUntil = Number.NEGATIVE_INFINITY;
  return {
    take: () => {
      const time = now();
      const missing = Math.max(0, allRegainedAt - time) / cooldownMilliseconds;
      if (time < suspendedUntil || missing > BURST - 1) return false;
      allRegainedAt = Math.max(allRegainedAt, time) + cooldownMilliseconds;
      return true;
    },
    giveBack: () => {
      allRegainedAt -= cooldownMilliseconds;
    },
    suspend: () => {
      suspendedUntil = now() + cooldownMilliseconds;
    },
  };
}
