import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { finished } from "node:stream/promises";
import { ServiceError } from "./errors.ts";
import type { Input } from "./input.ts";
import { PreviousRotationIncomplete } from "./label-operations.ts";
import { runOperation } from "./operations.ts";
import { operationName, readInput, send } from "./request.ts";
import { createRotations, type Invoke } from "./rotation.ts";
import { AWSCURRENT } from "./staging-labels.ts";
import { findSecret, replaceSecret, type State, versionWithId } from "./state.ts";

export type { RotationEvent } from "./rotation.ts";

export interface SecretsManagerOptions {
  /** The access key id that every request must be signed with; null accepts any caller. */
  accessKeyId: string | null;
  /** Invokes the rotation function, and rejects when it fails. Without it every rotation fails. */
  invoke?: Invoke;
  /** Called for each request, before its operation runs. */
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
  let state: State = [];
  const resume = createRotations(invoke, (arn, versionId) => {
    const rotated = findSecret(state, arn);
    if (!versionWithId(rotated, versionId)?.stages.includes(AWSCURRENT)) {
      throw new Error("the function ended well, but did not make the new version AWSCURRENT");
    }
    state = replaceSecret(state, { ...rotated, rotatedAt: now() });
  });

  function run(name: string, input: Input): Readonly<Record<string, unknown>> {
    onRequest?.(name, input);
    try {
      const outcome = runOperation(name, state, input, { now: now(), randomInt });
      if (outcome.state !== state) onChange?.(outcome.state);
      state = outcome.state;
      if (name === "RotateSecret") resume(findSecret(state, String(input.SecretId)));
      return outcome.output;
    } catch (error) {
      if (error instanceof PreviousRotationIncomplete) {
        resume(findSecret(state, String(input.SecretId)));
      }
      throw error;
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    try {
      const name = operationName(request, accessKeyId);
      send(response, requestId, run(name, await readInput(request)));
    } catch (error) {
      // The client closed the connection, which is no error.
      if (request.socket.destroyed) return;
      send(response, requestId, asServiceError(error, requestId));
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
  return new ServiceError("InternalServiceError", "An error occurred on the server side.", 500);
}

async function noFunction(functionName: string): Promise<void> {
  throw new Error(`there is nothing that can invoke the function ${functionName}`);
}
