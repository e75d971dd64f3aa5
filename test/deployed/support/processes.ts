import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { findFreePort } from "../../support/free-port.ts";
import { gatherPrinted } from "../../support/printed.ts";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: NodeJS.ProcessEnv;
  readonly directory: string;
}

/** A server that was started and is up. */
export interface Server {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** The file that it writes stdout and stderr to. */
  readonly logFile: string;
  readonly stop: () => Promise<void>;
}

const TETHER = join(import.meta.dirname, "tether.mjs");
const POLL_MILLISECONDS = 100;
const START_LIMIT_MILLISECONDS = 60_000;
const ATTEMPTS = 3;

/** What a command finds in every environment that the tests make for it. */
export const BASE_ENVIRONMENT = { PATH: process.env.PATH, LANG: "C.UTF-8" };

/** The command, tied to this process: it ends no later than this one. */
function tether({ command, args, env, directory }: Command, stdio: "pipe" | number): ChildProcess {
  return spawn(process.execPath, [TETHER, command, ...args], {
    cwd: directory,
    env,
    stdio: ["pipe", stdio, stdio],
  });
}

/**
 * Runs a command to its end.
 *
 * @returns its stdout and stderr
 * @throws Error with them, and without the arguments, when it does not exit with 0
 */
export async function run(command: Command): Promise<string> {
  const child = tether(command, "pipe");
  const printed = gatherPrinted(child);
  const [code] = await once(child, "close");
  if (code === 0) return printed();
  const name = [basename(command.command), command.args[0]].join(" ");
  throw new Error(`${name} exited with ${code}:\n${printed()}`);
}

/**
 * Starts a server on a loopback port. A port that another process occupies between the search and the start
 * is only a reason to search again.
 *
 * @param commandFor the command for a port
 * @param isUp called repeatedly until it returns true
 * @param fixedPort the port to listen on; a free one without it
 * @param limitMilliseconds how long it may take to come up
 * @throws Error with the server's output when it does not come up in that time
 */
export async function startServer(
  logFile: string,
  commandFor: (port: number) => Command,
  isUp: (port: number, url: string) => Promise<boolean>,
  fixedPort?: number,
  limitMilliseconds = START_LIMIT_MILLISECONDS,
): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const port = fixedPort ?? (await findFreePort());
    const url = `http://127.0.0.1:${port}`;
    const child = tether(commandFor(port), openSync(logFile, "w"));
    const exited = once(child, "exit");
    const stop = async () => {
      child.stdin?.end();
      await exited;
    };
    const deadline = Date.now() + limitMilliseconds;
    while (child.exitCode === null && Date.now() < deadline) {
      if (await isUp(port, url).catch(() => false)) return { port, url, logFile, stop };
      await setTimeout(POLL_MILLISECONDS);
    }
    await stop();
    if (attempt === ATTEMPTS) {
      throw new Error(`${logFile}: the server did not start:\n${readFileSync(logFile, "utf8")}`);
    }
  }
}
