import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { finished } from "node:stream/promises";
import { checkAccessKeyId } from "./access-key.ts";
import { internalServiceError, ServiceError } from "./errors.ts";
import { openFileStore } from "./file-store.ts";
import { operationName, readInput, sendError, sendOutput } from "./http.ts";
import { refuseOthers } from "./input.ts";
import { OPERATIONS } from "./operations/index.ts";
import { PreviousRotationIncomplete } from "./operations/rotate-secret.ts";
import { createRotations, type Invoke } from "./rotation.ts";

export type { RotationEvent } from "./rotation.ts";

export interface SecretsManagerOptions {
  /** Where secrets.json lives; made, for its owner alone, when it is not there. */
  directory: string;
  /** The access key id that every request must be signed with; null accepts any caller. */
  accessKeyId: string | null;
  /** Runs the rotation function, and rejects when it fails. Without it no rotation succeeds. */
  invoke?: Invoke;
  /** Told of each request for an operation that exists, before it is carried out. */
  onRequest?: (operation: string, input: Record<string, unknown>) => void;
  /** Unix milliseconds; the machine's clock by default. */
  now?: () => number;
}

/**
 * Starts AWS Secrets Manager, or as much of it as this project uses, on 127.0.0.1: AWS JSON 1.1, one
 * region, one account and one access key id, which is all that is checked of a signature.
 *
 * @returns its endpoint, and what stops it: requests under way are answered, later ones refused
 * @throws Error when the file of secrets is damaged
 */
export async function startSecretsManager(
  options: SecretsManagerOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const { directory, accessKeyId, invoke = noFunction, onRequest, now = Date.now } = options;
  const store = await openFileStore(directory);
  const rotations = createRotations(store, invoke, now);

  async function answer(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
    const name = operationName(request);
    if (accessKeyId !== null) checkAccessKeyId(request, accessKeyId);
    const operation = OPERATIONS.get(name);
    if (operation === undefined) {
      const names = [...OPERATIONS.keys()].join(", ");
      const message = `The operations of the embedded Secrets Manager are ${names}.`;
      throw new ServiceError("UnknownOperationException", message);
    }
    const input = await readInput(request);
    refuseOthers(input, operation.parameters);
    onRequest?.(name, input);
    try {
      const context = { now: now(), randomInt };
      const { output } = await store.update((state) => operation.run(state, input, context));
      if (name === "RotateSecret") rotations.resume(String(output.ARN));
      return output;
    } catch (error) {
      if (error instanceof PreviousRotationIncomplete) rotations.resume(String(input.SecretId));
      throw error;
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    try {
      sendOutput(response, requestId, await answer(request));
    } catch (error) {
      // A client that went away needs no answer, and is no fault.
      if (request.socket.destroyed) return;
      sendError(response, requestId, asServiceError(error, requestId));
    }
    await finished(response).catch(() => undefined);
  }

  const underWay = new Map<IncomingMessage, Promise<void>>();
  const server = createServer((request, response) => {
    const handled = handle(request, response);
    underWay.set(request, handled);
    handled.finally(() => underWay.delete(request));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function close(): Promise<void> {
    const closed = once(server, "close");
    server.close();
    for (const request of underWay.keys()) if (!request.complete) request.destroy();
    await Promise.all(underWay.values());
    await store.close();
    server.closeAllConnections();
    await closed;
  }

  return { url, close };
}

/** What is not an answer of the service is a fault of this program, and goes to the log. */
function asServiceError(error: unknown, requestId: string): ServiceError {
  if (error instanceof ServiceError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  console.error(JSON.stringify({ event: "secrets_manager_failed", requestId, reason }));
  return internalServiceError("An error occurred on the server side.");
}

async function noFunction(functionName: string): Promise<void> {
  throw new Error(`nothing here can run the function ${functionName}`);
}
