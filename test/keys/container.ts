import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "../support/checkout.ts";
import { gatherPrinted } from "../support/printed.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "../support/secret-store.ts";

/** A packaged function in a process of its own. */
export interface Container {
  /** To freeze and thaw it as Lambda does: SIGSTOP, SIGCONT. */
  readonly pid: number;
  /** What the function answers; rejects with what it threw. */
  invoke: (event: unknown) => Promise<unknown>;
  /** All that it has printed: its log. */
  printed: () => string;
  close: () => Promise<void>;
}

interface Reply {
  readonly id?: number;
  readonly answer?: unknown;
  readonly thrown?: string;
}

/**
 * Starts a function and waits until its module is loaded.
 *
 * @param bundle path of its packaged handler
 * @param environment added to what Lambda sets; nothing else is inherited
 * @throws Error with what it printed, when the module does not load
 */
export async function startContainer(
  bundle: string,
  environment: Readonly<Record<string, string>>,
): Promise<Container> {
  const child = fork(join(import.meta.dirname, "function-host.ts"), [bundle], {
    cwd: ROOT,
    execArgv: ["--import", "tsx"],
    env: {
      PATH: process.env.PATH,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "test",
      MASTER_TOKEN_SECRET_ID,
      HMAC_KEY_SECRET_ID,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const printed = gatherPrinted(child);
  const exited = once(child, "exit");
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  child.on("message", (reply: Reply) => {
    const { id = 0 } = reply;
    waiting.get(id)?.(reply);
    waiting.delete(id);
  });
  await new Promise<void>((resolve, reject) => {
    waiting.set(0, () => resolve());
    exited.then(() => reject(new Error(`the function did not load: ${printed()}`)));
  });
  exited.then(() => {
    for (const fail of waiting.values()) fail({ thrown: `the process ended: ${printed()}` });
  });

  return {
    pid: child.pid ?? 0,
    invoke: (event) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, ({ answer, thrown }) =>
          thrown === undefined ? resolve(answer) : reject(new Error(thrown)),
        );
        child.send({ id, event });
      }),
    printed,
    close: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
