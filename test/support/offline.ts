import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCheckout } from "./checkout.ts";
import { findFreePort } from "./free-port.ts";

/** A running `serverless offline`. */
export interface Gateway {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly masterToken: string;
  /** Where it keeps its secrets. */
  readonly stateDirectory: string;
  /** The copy of the project that it runs in. */
  readonly checkout: string;
  /** All that it has written so far, stdout and stderr. */
  readonly output: () => string;
  /** Ends it as Ctrl-C does, waits until it is gone, and leaves the checkout there. */
  readonly end: () => Promise<void>;
  /** Ends it, and removes the checkout. */
  readonly stop: () => Promise<void>;
}

const START_LIMIT_MILLISECONDS = 60_000;
const ATTEMPTS = 5;

/**
 * Starts what `npm start` starts, in a checkout, a home and a state folder of its own. A port that
 * somebody else took between the search and the start is only a reason to search again.
 *
 * @param parameters of the stack
 * @param files that differ in this checkout: text by path
 */
export async function startGateway(
  parameters: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const checkout = makeCheckout();
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(join(checkout.directory, path), text);
  }
  for (let attempt = 1; ; attempt += 1) {
    const gateway = await tryToStart(checkout.directory, parameters);
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
      throw new Error(`serverless offline did not start:\n${output}`);
    }
  }
}

async function tryToStart(
  directory: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Omit<Gateway, "stop"> & { ready: boolean }> {
  const httpPort = await findFreePort();
  const masterToken = randomUUID();
  const stateDirectory = join(directory, ".local");
  const child = spawn(
    process.execPath,
    [
      "node_modules/serverless/bin/serverless.js",
      ...["offline", "start", "--httpPort", `${httpPort}`],
      ...Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`),
    ],
    {
      cwd: directory,
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        POCKETPAW_ACCESS_TOKEN: masterToken,
        POCKETPAW_LOCAL_DIR: stateDirectory,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const exited = once(child, "exit");
  let output = "";
  const url = `http://127.0.0.1:${httpPort}`;
  const ready = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), START_LIMIT_MILLISECONDS);
    const read = (chunk: Buffer) => {
      output += chunk;
      // The line to paste comes last of all, once the gateway listens.
      if (output.includes(`:${httpPort}/api/auth/session" \\`)) settle(true);
    };
    const settle = (value: boolean) => {
      clearTimeout(timer);
      resolve(value);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", () => settle(false));
  });
  const end = async () => {
    child.kill("SIGINT");
    await exited;
  };
  return {
    ready,
    url,
    masterToken,
    stateDirectory,
    checkout: directory,
    output: () => output,
    end,
  };
}
