import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { holdClosedPort } from "./closed-port.ts";
import { FAULTS, type Fault } from "./faulty-endpoint.ts";
import { listenOnLoopback } from "./loopback.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "./secret-store.ts";
import { HMAC_KEY, MASTER_TOKEN } from "./tokens.ts";

/** A Secrets Manager of a few lines, which answers GetSecretValue, and fails when it is told to. */
export interface FaultySecretsManager {
  url: string;
  /** The current value by secret id; a Buffer is binary. */
  values: Record<string, string | Buffer>;
  /** What is done to each request in place of the answer; undefined: it is answered. */
  fault: Fault | undefined;
  /** How many requests came. */
  requests: number;
  /** From now on nothing listens there, and nothing else will. */
  refuse: () => Promise<void>;
  close: () => Promise<void>;
}

/** Starts it with the two secrets, on a free port. */
export async function startFaultySecretsManager(): Promise<FaultySecretsManager> {
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    manager.requests += 1;
    const { SecretId, VersionStage } = (await json(request)) as Record<string, string>;
    const value = manager.values[SecretId ?? ""];
    const body = Buffer.from(JSON.stringify(answerOf(value)));
    if (manager.fault) return manager.fault(response, body);
    if (value === undefined || VersionStage !== "AWSCURRENT") {
      return FAULTS.ResourceNotFoundException?.(response, body);
    }
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(body);
  }

  const server = createServer((request, response) => void handle(request, response));
  const { port, url, close } = await listenOnLoopback(server);
  const manager: FaultySecretsManager = {
    url,
    values: { [MASTER_TOKEN_SECRET_ID]: MASTER_TOKEN, [HMAC_KEY_SECRET_ID]: HMAC_KEY },
    fault: undefined,
    requests: 0,
    refuse: async () => {
      await close();
      manager.close = await holdClosedPort(port);
    },
    close,
  };
  return manager;
}

function answerOf(value: string | Buffer | undefined): object {
  return Buffer.isBuffer(value)
    ? { SecretBinary: value.toString("base64") }
    : { SecretString: value };
}
