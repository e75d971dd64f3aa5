import type { Policy } from "../auth/decide.ts";
import type { Log } from "../log.ts";

/** What the functions are made of, beside what only one of them needs. Each takes its part. */
export interface Dependencies extends Policy {
  readonly sessionTtlHours: number;
  /**
   * Whether PocketPaw is behind the gateway. Its routes then get a cookie for it; and its dashboard exchanges by
   * script, and needs the session cookie.
   */
  readonly hasPocketPaw: boolean;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}
