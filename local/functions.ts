/** Runs a function of the service by its key in serverless.yml, and rejects when the function fails. */
export type Invoke = (functionKey: string, event: unknown) => Promise<unknown>;

/** The part of serverless-offline's class `Lambda` that is used: a pool of workers for each function. */
export interface LambdaPool {
  readonly create: (
    functions: readonly { functionKey: string; functionDefinition: unknown }[],
  ) => void;
  readonly get: (functionKey: string) => {
    readonly setEvent: (event: unknown) => void;
    readonly runHandler: () => Promise<unknown>;
  };
}

/** A burst of requests would start as many workers, of 20 MB each; a warm one takes a few milliseconds. */
const MOST_WORKERS = 4;

/**
 * Runs the service's functions in serverless-offline's workers: one for each invocation at a time, kept for the
 * next one, as on AWS. An invocation waits where all of a function's workers are busy.
 *
 * @param definitions of the functions, by key
 */
export function createInvoke(pool: LambdaPool, definitions: Record<string, unknown>): Invoke {
  const all = Object.entries(definitions);
  pool.create(
    all.map(([functionKey, functionDefinition]) => ({ functionKey, functionDefinition })),
  );
  const queues = new Map(all.map(([key]) => [key, { running: 0, waiting: [] as (() => void)[] }]));
  return async (functionKey, event) => {
    const queue = queues.get(functionKey);
    if (queue === undefined) throw new Error(`The service has no function ${functionKey}.`);
    if (queue.running === MOST_WORKERS) {
      await new Promise<void>((resolve) => queue.waiting.push(resolve));
    } else queue.running += 1;
    try {
      const worker = pool.get(functionKey);
      worker.setEvent(event);
      return await worker.runHandler();
    } finally {
      const next = queue.waiting.shift();
      if (next === undefined) queue.running -= 1;
      else next();
    }
  };
}
