import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { finished } from "node:stream/promises";
import { checkAccessKeyId } from "./access-key.ts";
import { internalServiceError, ServiceError } from "./errors.ts";
import { operationName, readInput, sendError, sendOutput } from "./http.ts";
import { type Input, refuseOthers } from "./input.ts";
import { OPERATIONS } from "./operations/index.ts";
import { PreviousRotationIncomplete } from "./operations/rotate-secret.ts";
import { createRotations, type Invoke } from "./rotation.ts";
import { createStore, type State } from "./state.ts";

export type { RotationEvent } from "./rotation.ts";

export interface SecretsManagerOptions {
  /** The access key id that every request must be signed with; null accepts any caller. */
  accessKeyId: string | null;
  /** Invokes the rotation function, and rejects when it fails. Without it every rotation fails. */
  invoke?: Invoke;
  /** Called for each request for a supported operation, before it runs. */
  onRequest?: (operation: string, input: Record<string, unknown>) => void;
  /** Called with each new state before it counts; when it throws, the request fails and nothing changes. */
  onChange?: (state: State) => void;
  /** Unix milliseconds; the machine's clock by default. */
  now?: () => number;
}

export interface SecretsManager {
  /** Its endpoint. */
  readonly url: string;
  /** Runs an operation as a request would. @throws ServiceError */
  readonly run: (operation: string, input: Input) => Readonly<Record<string, unknown>>;
  /** Stops it: requests in progress get their responses, later ones are refused. */
  readonly close: () => Promise<void>;
}

/** Starts as much of AWS Secrets Manager as this project uses, on 127.0.0.1, without a secret in it (README.md). */
export async function startSecretsManager(options: SecretsManagerOptions): Promise<SecretsManager> {
  const { accessKeyId, invoke = noFunction, onRequest, onChange, now = Date.now } = options;
  const store = createStore(onChange ?? (() => undefined));
  const rotations = createRotations(store, invoke, now);

  function run(name: string, input: Input): Readonly<Record<string, unknown>> {
    const operation = OPERATIONS.get(name);
    if (operation === undefined) {
      const names = [...OPERATIONS.keys()].join(", ");
      const message = `The operations of the embedded Secrets Manager are ${names}.`;
      throw new ServiceError("UnknownOperationException", message);
    }
    refuseOthers(input, operation.parameters);
    onRequest?.(name, input);
    try {
      const context = { now: now(), randomInt };
      const { output } = store.update((state) => operation.run(state, input, context));
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
      const name = operationName(request);
      if (accessKeyId !== null) checkAccessKeyId(request, accessKeyId);
      sendOutput(response, requestId, run(name, await readInput(request)));
    } catch (error) {
      // The client closed the connection, which is no error.
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
    server.closeAllConnections();
    await closed;
  }

  return { url, run, close };
}

/** Any other error is a fault of this program, and is logged. */
function asServiceError(error: unknown, requestId: string): ServiceError {
  if (error instanceof ServiceError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  console.error(JSON.stringify({ event: "secrets_manager_failed", requestId, reason }));
  return internalServiceError("An error occurred on the server side.");
}

async function noFunction(functionName: string): Promise<void> {
  throw new Error(`there is nothing that can invoke the function ${functionName}`);
}
