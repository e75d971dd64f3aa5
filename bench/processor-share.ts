import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What a function of 256 MB gets: at 1,769 MB it has one processor.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const SEVENTH = 256 / 1769;

export const CANNOT_LIMIT = "This machine cannot limit a process to a part of a processor.";

/** A group of processes that share a part of one processor. */
export interface ProcessorShare {
  readonly add: (pid: number) => void;
  /** When the group's processes have ended. */
  readonly remove: () => Promise<void>;
}

/** Lambda's own is not documented; Linux's default of 100 ms would let one request use a whole share. */
const PERIOD_MICROSECONDS = 20_000;

const ROOT = "/sys/fs/cgroup";

let groups = 0;

/**
 * Makes a control group (cgroup v2, or v1 where the machine has that) that may use the given share of
 * one processor, as Lambda limits a function by its memory. Undefined where this process may not.
 *
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
 * https://docs.kernel.org/scheduler/sched-bwc.html
 */
export function limitProcessor(share: number): ProcessorShare | undefined {
  const quota = Math.round(PERIOD_MICROSECONDS * share);
  const isV1 = existsSync(join(ROOT, "cpu", "cpu.cfs_quota_us"));
  const group = join(ROOT, isV1 ? "cpu" : "", `bench-${process.pid}-${++groups}`);
  try {
    mkdirSync(group);
    if (isV1) {
      writeFileSync(join(group, "cpu.cfs_period_us"), String(PERIOD_MICROSECONDS));
      writeFileSync(join(group, "cpu.cfs_quota_us"), String(quota));
    } else writeFileSync(join(group, "cpu.max"), `${quota} ${PERIOD_MICROSECONDS}`);
  } catch {
    // No control groups, no right to make one, or none with a processor controller.
    return undefined;
  }
  return {
    add: (pid) => writeFileSync(join(group, "cgroup.procs"), String(pid)),
    remove: async () => {
      // The kernel lets go of a process a moment after it has ended.
      for (let attempt = 0; attempt < 100; attempt++) {
        try {
          return rmdirSync(group);
        } catch {
          await sleep(20);
        }
      }
    },
  };
}
