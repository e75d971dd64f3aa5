// @ts-check
// Runs a command in a process group of its own, and ends the whole group when stdin closes: it does
// when whoever started this ends, in whatever way, a SIGKILL included.
import { spawn } from "node:child_process";

const GRACE_MILLISECONDS = 3_000;

const [command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, { detached: true, stdio: ["ignore", "inherit", "inherit"] });

/** @param {NodeJS.Signals} signal */
function signalGroup(signal) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The group has ended.
  }
}

function end() {
  signalGroup("SIGTERM");
  setTimeout(() => {
    signalGroup("SIGKILL");
    process.exit(1);
  }, GRACE_MILLISECONDS);
}

process.stdin.on("close", end).resume();
process.on("SIGINT", end).on("SIGTERM", end);
child.on("error", (error) => {
  console.error(error.message);
  process.exit(127);
});
child.on("exit", (code) => {
  // What the command has left behind in its group goes with it.
  signalGroup("SIGKILL");
  process.exit(code ?? 1);
});
