import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { REQUIRED_SETTINGS } from "./handlers.ts";
import { gatherPrinted } from "./printed.ts";
import { AWS_ENVIRONMENT } from "./secrets-manager.ts";

/** What a function answered, or what it threw, as text. */
export interface Outcome {
  answer?: unknown;
  thrown?: string;
}

/** The three functions in a process of their own, and all that it prints. */
export interface Container {
  /** Loads the functions anew: their caches are cold. */
  load: () => Promise<void>;
  /** Runs one function once for each event, one after the other. */
  invoke: (invocations: [handler: string, event: unknown][]) => Promise<Outcome[]>;
  /** All that the process has written to stdout and stderr. */
  printed: () => string;
  close: () => Promise<void>;
}

/**
 * Starts the process.
 *
 * @param environment added to Lambda's own variables and the names of the secrets
 */
export async function startContainer(environment: Record<string, string>): Promise<Container> {
  const child = fork(fileURLToPath(new URL("handler-host.ts", import.meta.url)), {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { PATH: process.env.PATH, ...AWS_ENVIRONMENT, ...REQUIRED_SETTINGS, ...environment },
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const printed = gatherPrinted(child);
  const ended = once(child, "close");
  // Not before the program listens.
  await once(child, "message");

  async function ask(message: object): Promise<Outcome[]> {
    child.send(message);
    const [reply] = await Promise.race([once(child, "message"), ended]);
    if (!Array.isArray(reply)) throw new Error(`the process ended: ${printed()}`);
    return reply;
  }
  let loads = 0;

  return {
    load: async () => {
      loads += 1;
      const [outcome] = await ask({ load: loads });
      if (outcome?.thrown !== undefined) throw new Error(outcome.thrown);
    },
    invoke: (invocations) => ask({ invocations }),
    printed,
    close: async () => {
      child.send("exit");
      // Only once the pipes are closed is all there that was printed.
      await ended;
    },
  };
}
