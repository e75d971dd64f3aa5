import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCheckout } from "./checkout.ts";
import { findFreePort } from "./free-port.ts";

/** A running `npm start`. */
export interface Gateway {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** The one that it was started with. */
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

export interface StartOptions {
  /** Files that differ in this checkout: text by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const START_LIMIT_MILLISECONDS = 60_000;
const ATTEMPTS = 5;

/**
 * Starts what `npm start` starts, in a checkout, a home and a state folder of its own. A port that
 * somebody else took between the search and the start is only a reason to search again.
 *
 * @param parameters of the stack
 */
export async function startGateway(
  parameters: Readonly<Record<string, string>> = {},
  { files = {}, environment = {} }: StartOptions = {},
): Promise<Gateway> {
  const checkout = makeCheckout();
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(join(checkout.directory, path), text);
  }
  for (let attempt = 1; ; attempt += 1) {
    const gateway = await tryToStart(checkout.directory, parameters, environment);
    if (gateway.ready) {
      const stop = async () => {
        await gateway.end();
        checkout.remove();
      };
      return { ...gateway, stop };
    }
    await gateway.end();
    const output = gateway.output();
    if (attempt === ATTEMPTS || !/\bport\b/i.test(output)) {
      throw new Error(`npm start did not start:\n${output}`);
    }
  }
}

/** Runs `npm start` in a checkout; both its outputs go to `onOutput`. */
export function spawnStart(
  directory: string,
  options: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  onOutput: (text: string) => void,
): ChildProcess {
  const child = spawn(process.execPath, ["local/npm-start.js", ...options], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (chunk) => onOutput(String(chunk)));
  child.stderr.on("data", (chunk) => onOutput(String(chunk)));
  return child;
}

async function tryToStart(
  directory: string,
  parameters: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Omit<Gateway, "stop"> & { ready: boolean }> {
  const httpPort = await findFreePort();
  const masterToken = randomUUID();
  const stateDirectory = join(directory, ".local");
  let output = "";
  let settle: (ready: boolean) => void = () => undefined;
  const started = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  const child = spawnStart(
    directory,
    [
      ...["--httpPort", `${httpPort}`],
      ...Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`),
    ],
    {
      POCKETPAW_ACCESS_TOKEN: masterToken,
      POCKETPAW_LOCAL_DIR: stateDirectory,
      ...environment,
    },
    (text) => {
      output += text;
      // The line to paste comes last of all, once the gateway listens.
      if (output.includes("\ncurl ")) settle(true);
    },
  );
  const exited = once(child, "close").then(() => settle(false));
  const timer = setTimeout(() => settle(false), START_LIMIT_MILLISECONDS);
  const ready = await started;
  clearTimeout(timer);
  const end = async (signal: NodeJS.Signals = "SIGINT") => {
    child.kill(signal);
    await exited;
  };
  const url = `http://127.0.0.1:${httpPort}`;
  return {
    ...{ ready, url, masterToken, stateDirectory, checkout: directory, end },
    output: () => output,
    currentMasterToken: () => output.match(/(?<=^Master token: )\S+$/gm)?.at(-1) ?? "",
  };
}
