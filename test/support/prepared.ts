import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a process's wall clock and code do, as preload.mjs reads it. */
export interface State {
  /** Added to the wall clock. */
  readonly stepSeconds?: number;
  /** Whether no credential can be compared, as by an error of our own. */
  readonly isBroken?: boolean;
}

/** Environment of a process whose clock and code the test changes; `remove` once it has ended. */
export function prepareProcess() {
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-state-"));
  const TEST_STATE = join(directory, "state.json");
  const be = (state: State) => writeFileSync(TEST_STATE, JSON.stringify(state));
  be({});
  return {
    env: { NODE_OPTIONS: `--import=${join(import.meta.dirname, "preload.mjs")}`, TEST_STATE },
    be,
    remove: () => rmSync(directory, { recursive: true }),
  };
}
