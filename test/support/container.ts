import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "./checkout.ts";
import type { Message, Reply, Request } from "./container-host.ts";
import { gatherPrinted } from "./printed.ts";
import { AWS_ENVIRONMENT, REQUIRED_SETTINGS } from "./secret-store.ts";

/** Functions in a process of their own. */
export interface Container {
  /** Process id, to freeze and resume it as Lambda does: SIGSTOP, SIGCONT. */
  readonly pid: number;
  /** Loads the functions' modules anew: their caches are cold. Rejects with what a module threw. */
  load: () => Promise<void>;
  /** A function's response, by default the first function's; rejects with what it threw. */
  invoke: (event: unknown, functionName?: string) => Promise<unknown>;
  /** All that the process has written to stdout and stderr. */
  printed: () => string;
  close: () => Promise<void>;
}

/**
 * Starts a process and loads the functions in it.
 *
 * @param modules path of each function's module, by the function's name
 * @param environment added to Lambda's own variables and the names of the secrets; nothing else is
 *   inherited
 * @throws Error with what the process printed, when a module does not load
 */
export async function startContainer(
  modules: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>>,
): Promise<Container> {
  const child = fork(join(import.meta.dirname, "container-host.ts"), {
    cwd: ROOT,
    execArgv: ["--import", "tsx"],
    env: { PATH: process.env.PATH, ...AWS_ENVIRONMENT, ...REQUIRED_SETTINGS, ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const printed = gatherPrinted(child);
  // Only once the pipes are closed is all there that was printed.
  const closed = once(child, "close");
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  child.on("message", (reply: Reply) => {
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  closed.then(() => {
    for (const [id, end] of waiting) end({ id, thrown: `the process ended: ${printed()}` });
  });

  function send(request: Request): Promise<unknown> {
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, ({ response, thrown }) =>
        thrown === undefined ? resolve(response) : reject(new Error(thrown)),
      );
      const message: Message = { id, request };
      child.send(message);
    });
  }
  const load = async () => void (await send({ load: modules }));
  await load();

  const [first = ""] = Object.keys(modules);
  return {
    pid: child.pid ?? 0,
    load,
    invoke: (event, functionName = first) => send({ functionName, event }),
    printed,
    close: async () => {
      // Also ends a process that is stopped.
      child.kill("SIGKILL");
      await closed;
    },
  };
}
