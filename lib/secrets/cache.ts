/** A value read from elsewhere and kept for a while. */
export interface Cache<T> {
  /**
   * The value where no caller has to wait for one: while it is fresh, or, after a failed read, until
   * it is stale or the next try is due. Starts the read ahead when that is due.
   */
  ready: () => { readonly value: T } | undefined;
  /**
   * The value that is ready; else what a new read brings; else, when that fails, the old value
   * until it is stale. Rejects with the read's error when there is no value to use.
   */
  get: () => Promise<T>;
  /** Reads again whatever the age, and shares a read that a caller waits for. Rejects when it fails. */
  refresh: () => Promise<T>;
}

export interface CacheOptions<T> {
  /** Must settle soon after the signal aborts. */
  read: (signal: AbortSignal) => Promise<T>;
  /** Milliseconds, of a clock that does not step back (lib/secrets/age-clock.ts). */
  now: () => number;
  /** How long a value is used without asking again. */
  freshSeconds: number;
  /** How long a value may be used, counted from its read, while reads fail (stale-if-error, RFC 5861). */
  staleSeconds: number;
  /** After a failed read, how long a value that is not yet stale is used before the next try. */
  cooldownSeconds: number;
  /** Whether, with no value to use, callers are given the last error until then, and no new try. */
  rejectsWhenEmpty: boolean;
  /** A read is aborted after this long. */
  timeLimitMilliseconds: number;
  /** Called once for each failed read that a caller waited for; age is that of the value held, if any. */
  onFailure: (error: unknown, ageSeconds: number | undefined) => void;
}

/** From this part of FRESH on, a value is read again before a caller has to wait for it (refresh-ahead). */
const AHEAD = 0.75;

interface Read<T> {
  readonly promise: Promise<T>;
  readonly startedAt: number;
  readonly endsBefore: number;
  /** Whether a caller waits for it. If none does, its invocation may end, and Lambda may freeze it. */
  isAwaited: boolean;
}

/** Keeps one value of `read` as the options say. Nothing is read before the first call. */
export function createCache<T>(options: CacheOptions<T>): Cache<T> {
  const { read, now, timeLimitMilliseconds, onFailure } = options;
  // Longer where no caller waits: a container that Lambda freezes between requests continues a read
  // by a step or two in each of them.
  const retryMilliseconds = options.cooldownSeconds * 1000;
  const aheadLimitMilliseconds = Math.max(timeLimitMilliseconds, retryMilliseconds);
  let begun = 0;
  let held: { value: T; readAt: number; order: number } | undefined;
  let failed: { error: unknown; at: number } | undefined;
  let underWay: Read<T> | undefined;
  let noReadAheadBefore = Number.NEGATIVE_INFINITY;

  const heldFor = (seconds: number): boolean =>
    held !== undefined && now() - held.readAt < seconds * 1000;

  function start(isAwaited: boolean): Read<T> {
    const startedAt = now();
    const order = ++begun;
    const limit = isAwaited ? timeLimitMilliseconds : aheadLimitMilliseconds;
    const started: Read<T> = {
      promise: readAndKeep(),
      startedAt,
      endsBefore: startedAt + limit,
      isAwaited,
    };
    underWay = started;
    return started;

    async function readAndKeep(): Promise<T> {
      try {
        const value = await read(AbortSignal.timeout(limit));
        // A read that was overtaken, while the container was frozen, must not undo the later one.
        if (held === undefined || held.order < order) {
          held = { value, readAt: startedAt, order };
          failed = undefined;
        }
        return held.value;
      } catch (error) {
        // A read that no caller waits for, or that was overtaken, may have been cut off by a freeze:
        // whether Secrets Manager fails shows in the next read that a caller waits for.
        if (isAwaited && underWay === started) {
          failed = { error, at: now() };
          onFailure(error, held && (failed.at - held.readAt) / 1000);
        }
        throw error;
      } finally {
        if (underWay === started) underWay = undefined;
      }
    }
  }

  /** A read past its time limit has failed, and only a frozen container has not noticed. */
  const isAlive = ({ endsBefore }: Read<T>): boolean => now() <= endsBefore;

  function refresh(): Promise<T> {
    // A read ahead that an earlier invocation began may be cut off: no caller may depend on it.
    if (underWay?.isAwaited && isAlive(underWay)) return underWay.promise;
    return start(true).promise;
  }

  function readAhead(): void {
    if ((underWay && isAlive(underWay)) || now() < noReadAheadBefore) return;
    const { promise, startedAt } = start(false);
    promise.catch(() => {
      noReadAheadBefore = startedAt + retryMilliseconds;
    });
  }

  /** The last failure, until the next try is due. */
  const backOff = () => (failed && now() - failed.at < retryMilliseconds ? failed : undefined);

  function ready(): { readonly value: T } | undefined {
    const hasFailed = backOff() !== undefined;
    if (!heldFor(hasFailed ? options.staleSeconds : options.freshSeconds)) return undefined;
    if (!hasFailed && !heldFor(options.freshSeconds * AHEAD)) readAhead();
    return held;
  }

  async function get(): Promise<T> {
    const usable = ready();
    if (usable !== undefined) return usable.value;
    const failure = backOff();
    if (held === undefined && failure && options.rejectsWhenEmpty) throw failure.error;
    try {
      return await refresh();
    } catch (error) {
      if (held && heldFor(options.staleSeconds)) return held.value;
      throw error;
    }
  }

  return { ready, get, refresh };
}
