import { type CacheOptions, createCache } from "../../lib/secrets/cache.ts";
import { createClock } from "./clock.ts";

export const FRESH = 60;
export const STALE = 900;
export const RETRY = 5;
export const LIMIT_MILLISECONDS = 1_000;
export const DURATIONS = {
  freshSeconds: FRESH,
  staleSeconds: STALE,
  retrySeconds: RETRY,
  rejectsWhenEmpty: false,
  timeLimitMilliseconds: LIMIT_MILLISECONDS,
};

/** A cache over a read that counts, and that each test settles. */
export function openCache(options: Partial<CacheOptions<string>> = {}) {
  const clock = createClock();
  const reads: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const failures: { error: unknown; ageSeconds: number | undefined }[] = [];
  const cached = createCache<string>({
    read: () => new Promise((resolve, reject) => reads.push({ resolve, reject })),
    now: clock.now,
    ...DURATIONS,
    onFailure: (error, ageSeconds) => failures.push({ error, ageSeconds }),
    ...options,
  });
  const settleRead = (index: number, response: string | Error) => {
    const read = reads[index];
    if (read === undefined) throw new Error(`there is no read ${index}`);
    if (typeof response === "string") read.resolve(response);
    else read.reject(response);
  };
  /** Calls `get` and settles the read that it must have caused. */
  const getWithRead = async (response: string | Error) => {
    const got = cached.get();
    settleRead(reads.length - 1, response);
    return got;
  };
  return { clock, reads, failures, cached, settleRead, getWithRead };
}
