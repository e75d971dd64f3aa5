/** A value read from elsewhere and kept for a while. */
export interface Cached<T> {
  /**
   * The value while it is fresh; else what a new read brings; else, when that fails, the old value
   * until it is stale. Rejects with the read's error when there is nothing left to answer with.
   */
  get: () => Promise<T>;
  /** Reads again whatever the age, and shares a read that is under way. Rejects when it fails. */
  refresh: () => Promise<T>;
}

export interface CachedOptions<T> {
  /** Must settle soon after the signal aborts. */
  read: (signal: AbortSignal) => Promise<T>;
  /**
   * The wall clock, milliseconds. Not a monotonic clock: that one may stand still while Lambda has
   * the container frozen, and a revoked secret would live on by as much.
   */
  now: () => number;
  /** How long a value is used without asking again. */
  freshSeconds: number;
  /** How long a value may be used, counted from its read, while reads fail. */
  staleSeconds: number;
  /** After a failed read, how long a value that is not yet stale is used before the next try. */
  retrySeconds: number;
  /** Whether, with no value to use, callers are given the last error until then, and no new try. */
  rejectsWhenEmpty: boolean;
  /** A read is aborted after this long. */
  timeLimitMilliseconds: number;
  /** Told once for each failed read; age is that of the value still held, if any. */
  onFailure: (error: unknown, ageSeconds: number | undefined) => void;
}

/** Keeps one value of `read` as the options say. Nothing is read before the first call. */
export function createCached<T>(options: CachedOptions<T>): Cached<T> {
  const { read, now, timeLimitMilliseconds, onFailure } = options;
  let held: { value: T; readAt: number } | undefined;
  let failed: { error: unknown; at: number } | undefined;
  let underWay: { promise: Promise<T>; startedAt: number } | undefined;

  const heldFor = (seconds: number): boolean =>
    held !== undefined && now() - held.readAt < seconds * 1000;

  async function readAndKeep(startedAt: number): Promise<T> {
    try {
      const value = await read(AbortSignal.timeout(timeLimitMilliseconds));
      // A read that was overtaken, while the container was frozen, must not undo the later one.
      if (held === undefined || held.readAt <= startedAt) held = { value, readAt: startedAt };
      failed = undefined;
      return held.value;
    } catch (error) {
      failed = { error, at: now() };
      onFailure(error, held && (failed.at - held.readAt) / 1000);
      throw error;
    } finally {
      if (underWay?.startedAt === startedAt) underWay = undefined;
    }
  }

  function refresh(): Promise<T> {
    const startedAt = now();
    // Past its time limit a read is dead, and only a frozen container has not noticed: start anew.
    if (underWay === undefined || startedAt - underWay.startedAt > timeLimitMilliseconds) {
      underWay = { promise: readAndKeep(startedAt), startedAt };
    }
    return underWay.promise;
  }

  async function get(): Promise<T> {
    const backOff = failed && now() - failed.at < options.retrySeconds * 1000 ? failed : undefined;
    if (held && heldFor(backOff ? options.staleSeconds : options.freshSeconds)) return held.value;
    if (held === undefined && backOff && options.rejectsWhenEmpty) throw backOff.error;
    try {
      return await refresh();
    } catch (error) {
      if (held && heldFor(options.staleSeconds)) return held.value;
      throw error;
    }
  }

  return { get, refresh };
}
