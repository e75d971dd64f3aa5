import type { Caller } from "./authorizer-context.ts";

/**
 * The end of what the caller may hand on, unix seconds: its own session's end or, for the master
 * token, that of a session that would start now. A session without an end hands on nothing.
 *
 * @param now unix seconds
 */
export function sessionEndOf(
  { method, expiresAt }: Pick<Caller, "method" | "expiresAt">,
  now: number,
  sessionTtlHours: number,
): number {
  return method === "master" ? now + sessionTtlHours * 3600 : (expiresAt ?? now);
}
