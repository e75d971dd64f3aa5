import type { Log, LogEntry } from "../../lib/log.ts";

/** A log that is kept instead of written. */
export function createTestLog(): { log: Log; entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  return { log: (entry) => entries.push(entry), entries };
}
