import { readFileSync } from "node:fs";

/**
 * Processor time of a process's main thread so far, nanoseconds; NaN where there is no Linux. A busy
 * machine delays a process, but does not add to this.
 *
 * https://docs.kernel.org/scheduler/sched-stats.html
 */
export function processorTime(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]);
  } catch {
    return Number.NaN;
  }
}
