/** The refreshes that bad tokens may cause, as a token bucket: a refresh takes one, each cooldown adds one. */
export interface TokenBucket {
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
 * @param now milliseconds, of a clock that does not step back
 */
export function createTokenBucket(now: () => number, cooldownMilliseconds: number): TokenBucket {
  let fullAt = Number.NEGATIVE_INFINITY;
  let suspendedUntil = Number.NEGATIVE_INFINITY;
  return {
    take: () => {
      const time = now();
      const missing = Math.max(0, fullAt - time) / cooldownMilliseconds;
      if (time < suspendedUntil || missing > BURST - 1) return false;
      fullAt = Math.max(fullAt, time) + cooldownMilliseconds;
      return true;
    },
    giveBack: () => {
      fullAt -= cooldownMilliseconds;
    },
    suspend: () => {
      suspendedUntil = now() + cooldownMilliseconds;
    },
  };
}
