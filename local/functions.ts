/** Runs a function of the service by its key in serverless.yml, and rejects when the function fails. */
export type Invoke = (functionKey: string, event: unknown) => Promise<unknown>;

/** A burst of requests would start as many workers, of 20 MB each; a warm one takes a few milliseconds. */
const MOST_WORKERS = 4;

/** Runs so many invocations of a function at a time; the others wait. */
export function limitWorkers(invoke: Invoke): Invoke {
  const queues = new Map<string, { running: number; waiting: (() => void)[] }>();
  return async (functionKey, event) => {
    const queue = queues.get(functionKey) ?? { running: 0, waiting: [] };
    queues.set(functionKey, queue);
    if (queue.running < MOST_WORKERS) queue.running += 1;
    else await new Promise<void>((resolve) => queue.waiting.push(resolve));
    try {
      return await invoke(functionKey, event);
    } finally {
      const next = queue.waiting.shift();
      if (next === undefined) queue.running -= 1;
      else next();
    }
  };
}
