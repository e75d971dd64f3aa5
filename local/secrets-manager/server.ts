import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import { isDeepStrictEqual } from "node:util";
import { listen } from "../http.ts";
import { ServiceError } from "./errors.ts";
import type { Output } from "./operation.ts";
import { runOperation } from "./operations.ts";
import { operationName, readInput, send } from "./request.ts";
import { createRotations, type Invoke } from "./rotation.ts";
import { findSecret, type State } from "./secret.ts";

export interface SecretsManagerOptions {
  /** The access key id that every request must be signed with; null accepts any caller. */
  accessKeyId: string | null;
  /** Invokes the rotation function, and rejects when it fails. Without it every rotation fails. */
  invoke?: Invoke;
  /** Called for each request, before its operation runs. */
  onRequest?: (operation: string, input: Record<string, unknown>) => void;
  /** Called with each new state before it counts; when it throws, the request fails and nothing changes. */
  onChange?: (state: State) => void;
}

/**
 * Starts as much of AWS Secrets Manager as this project uses, on 127.0.0.1, without a secret in it (README.md).
 *
 * @returns its endpoint, what runs an operation, and what stops it: requests that have arrived get their responses
 */
export async function startSecretsManager(options: SecretsManagerOptions) {
  const { accessKeyId, invoke, onRequest, onChange } = options;
  let state: State = [];
  const resume = createRotations((id) => findSecret(state, id), invoke);

  function run(name: string, json: object): Output {
    const input = json as Record<string, unknown>;
    onRequest?.(name, input);
    try {
      const after = runOperation(name, state, input, Date.now() / 1000);
      if (!isDeepStrictEqual(after.state, state)) onChange?.(after.state);
      ({ state } = after);
      return after.output;
    } finally {
      // Also after the refusal because an earlier one is not complete, which is then reattempted.
      if (name === "RotateSecret") resume(input.SecretId);
    }
  }

  const underWay = new Set<ServerResponse>();
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    underWay.add(response);
    response.on("close", () => underWay.delete(response));
    try {
      const name = operationName(request, accessKeyId);
      send(response, run(name, await readInput(request)));
    } catch (error) {
      // The client may have closed the connection, which is no error.
      if (!request.socket.destroyed) send(response, asServiceError(error));
    }
  }

  const listener = await listen(["127.0.0.1"], 0, () => createServer(respond));
  async function close(): Promise<void> {
    const arrived = [...underWay].filter(({ req }) => req.complete);
    await Promise.allSettled(arrived.map((response) => finished(response)));
    await listener.close();
  }
  return { url: `http://127.0.0.1:${listener.port}`, run, close };
}

/** Any other error is a fault of this program, and is logged. */
function asServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  console.error(JSON.stringify({ event: "secrets_manager_failed", reason }));
  return new ServiceError("InternalServiceError", "An error occurred on the server side.", 500);
}
