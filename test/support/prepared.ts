import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./checkout.ts";

/** What a process's wall clock and code do, as preload.mjs reads it. */
export interface State {
  /** Added to the wall clock. */
  readonly stepSeconds?: number;
  /** Whether no credential can be compared, as by an error of our own. */
  readonly isBroken?: boolean;
}

/** Environment of a process whose clock and code the test changes; `remove` once it has ended. */
export function prepareProcess() {
  const { directory, remove } = makeFolder();
  const TEST_STATE = join(directory, "state.json");
  const be = (state: State) => writeFileSync(TEST_STATE, JSON.stringify(state));
  be({});
  return {
    env: { NODE_OPTIONS: `--import=${join(import.meta.dirname, "preload.mjs")}`, TEST_STATE },
    be,
    remove,
  };
}
