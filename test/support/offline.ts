import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { makeCheckout } from "./checkout.ts";
import { findFreePort } from "./free-port.ts";
import { gatherPrinted } from "./printed.ts";

/** A running `npm start`. */
export interface Gateway {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** The master token that it has printed first. */
  readonly masterToken: string;
  /** The one that it has printed last. */
  readonly currentMasterToken: () => string;
  /** Where it keeps what survives it. */
  readonly stateDirectory: string;
  /** The copy of the project that it runs in. */
  readonly checkout: string;
  /** All that it has written so far, stdout and stderr. */
  readonly output: () => string;
  /** Ends it, as Ctrl-C does by default, waits until it is gone, and leaves the checkout there. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>;
  /** Ends it, and removes the checkout. */
  readonly stop: () => Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

const POLL_MILLISECONDS = 50;
const START_LIMIT_MILLISECONDS = 60_000;
const ATTEMPTS = 5;

/**
 * Starts what `npm start` starts, in a checkout, a home and a state folder of its own. A port that
 * somebody else took between the search and the start is only a reason to search again.
 *
 * @param parameters of the stack
 * @param options.files files that differ in this checkout: text by path
 */
export async function startGateway(
  parameters: Environment = {},
  options: { readonly files?: Environment; readonly environment?: Environment } = {},
): Promise<Gateway> {
  const { directory, remove } = makeCheckout();
  for (const [path, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(directory, path), text);
  }
  const given = Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`);
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    const child = spawnStart(directory, ["--httpPort", `${port}`, ...given], options.environment);
    const output = gatherPrinted(child);
    const exited = once(child, "close");
    const end = async (signal: NodeJS.Signals = "SIGINT") => {
      child.kill(signal);
      await exited;
    };
    // The line to paste comes last of all, once the gateway listens.
    const isUp = () => output().includes("\ncurl ");
    const deadline = Date.now() + START_LIMIT_MILLISECONDS;
    while (child.exitCode === null && !isUp() && Date.now() < deadline) {
      await setTimeout(POLL_MILLISECONDS);
    }
    const tokens = () => output().match(/(?<=^Master token: )\S+$/gm) ?? [];
    if (isUp()) {
      return {
        ...{ url: `http://127.0.0.1:${port}`, masterToken: tokens()[0] ?? "", output, end },
        ...{ stateDirectory: join(directory, ".local"), checkout: directory },
        currentMasterToken: () => tokens().at(-1) ?? "",
        stop: async () => {
          await end();
          remove();
        },
      };
    }
    await end();
    if (attempt === ATTEMPTS || !/\bport\b/i.test(output())) {
      throw new Error(`npm start did not start:\n${output()}`);
    }
  }
}

/** Runs `npm start` in a checkout. */
export function spawnStart(
  directory: string,
  options: readonly string[] = [],
  environment: Environment = {},
): ChildProcess {
  return spawn(process.execPath, ["local/npm-start.js", ...options], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
