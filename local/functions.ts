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
  const limits = new Map(all.map(([functionKey]) => [functionKey, limit(MOST_WORKERS)]));
  return async (functionKey, event) => {
    const run = limits.get(functionKey);
    if (run === undefined) throw new Error(`The service has no function ${functionKey}.`);
    return run(() => {
      const worker = pool.get(functionKey);
      worker.setEvent(event);
      return worker.runHandler();
    });
  };
}

/** Runs tasks in their order, so many at a time. */
function limit(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
