import { ServiceError } from "./errors.ts";
import { labelOperations } from "./label-operations.ts";
import type { Operation, Output } from "./operation.ts";
import type { State } from "./secret.ts";
import { valueOperations } from "./value-operations.ts";

/** By their names in X-Amz-Target. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ ...valueOperations, ...labelOperations }),
);

/**
 * Runs an operation.
 *
 * @param now unix seconds
 * @returns its output, and the state after it; the given one stays as it is
 * @throws ServiceError also for an operation that does not exist here
 */
export function runOperation(
  name: string,
  state: State,
  input: object,
  now: number,
): { output: Output; state: State } {
  const operation = OPERATIONS.get(name);
  if (operation === undefined) {
    const names = [...OPERATIONS.keys()].join(", ");
    const message = `The operations of the embedded Secrets Manager are ${names}.`;
    throw new ServiceError("UnknownOperationException", message);
  }
  const after = structuredClone(state);
  return { output: operation(after, input, now), state: after };
}
