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

/**
 * Runs the service's functions in serverless-offline's workers: one for each invocation at a time, kept for the
 * next one, as on AWS.
 *
 * @param definitions of the functions, by key
 */
export function createInvoke(pool: LambdaPool, definitions: Record<string, unknown>): Invoke {
  const all = Object.entries(definitions);
  pool.create(
    all.map(([functionKey, functionDefinition]) => ({ functionKey, functionDefinition })),
  );
  return async (functionKey, event) => {
    if (!Object.hasOwn(definitions, functionKey)) {
      throw new Error(`The service has no function ${functionKey}.`);
    }
    const worker = pool.get(functionKey);
    worker.setEvent(event);
    return worker.runHandler();
  };
}
