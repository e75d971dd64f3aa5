import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Bundle } from "./bundles.ts";
import type { SecretsManager } from "./secrets-manager.ts";

const RUNTIME = join(import.meta.dirname, "..", "test", "runtime", "node_modules");

/** The version of the runtime client, which is the one that AWS runs. */
export const RIC_VERSION: string = createRequire(import.meta.url)(
  join(RUNTIME, "aws-lambda-ric", "package.json"),
).version;

/** A running function: one process, which takes one event at a time. */
export interface Container {
  /** `performance.now()` just before the process was started. */
  readonly startedAt: number;
  readonly pid: number;
  /** Hands over one event, and resolves with the response. Rejects when the function fails or ends. */
  readonly invoke: (event: unknown) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a bundle under the real runtime client on Node 24, against a Runtime API of this process.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 *
 * @param env added to the function's settings
 */
export async function startContainer(
  { taskRoot, handler }: Bundle,
  secretsManager: SecretsManager,
  env: Readonly<Record<string, string>> = {},
): Promise<Container> {
  let poll: ServerResponse | undefined;
  let event: string | undefined;
  let settle = Promise.withResolvers<unknown>();
  const hand = () => {
    if (poll === undefined || event === undefined) return;
    poll.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(event),
      "lambda-runtime-aws-request-id": "00000000-0000-4000-8000-000000000001",
      "lambda-runtime-deadline-ms": Date.now() + 30_000,
      "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-central-1:123456789012:function:f",
    });
    poll.end(event);
    poll = event = undefined;
  };
  const api = createServer(async (request, response) => {
    if (request.url?.endsWith("/next")) {
      poll = response;
      hand();
      return;
    }
    const body = await text(request);
    response.writeHead(202, { "content-length": 0 }).end();
    if (request.url?.endsWith("/response")) settle.resolve(JSON.parse(body));
    else settle.reject(new Error(body));
  });
  await once(api.listen(0, "127.0.0.1"), "listening");

  const startedAt = performance.now();
  const node = join(RUNTIME, "node", "bin", "node");
  const child = spawn(node, [join(RUNTIME, "aws-lambda-ric", "index.mjs")], {
    cwd: taskRoot,
    env: {
      PATH: "/usr/bin:/bin",
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: taskRoot,
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: "f",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/f",
      AWS_LAMBDA_LOG_STREAM_NAME: "f",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(api.address() as AddressInfo).port}`,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "ASIATEST",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_SESSION_TOKEN: "test",
      ...secretsManager.env,
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Lambda reads each line of log too.
  child.stdout.resume();
  const ended = once(child, "close").then(() => settle.reject(new Error(`${handler} ended`)));
  return {
    startedAt,
    pid: child.pid ?? -1,
    invoke: (given) => {
      settle = Promise.withResolvers();
      event = JSON.stringify(given);
      hand();
      return settle.promise;
    },
    stop: async () => {
      settle.promise.catch(() => undefined);
      child.kill("SIGKILL");
      await ended;
      api.close();
      api.closeAllConnections();
    },
  };
}

/** An HTTP API's event of payload 2.0: a browser's request with that bearer token. */
export function eventWith(token: string): unknown {
  return {
    version: "2.0",
    type: "REQUEST",
    routeArn: "arn:aws:execute-api:eu-central-1:123456789012:abcdef123/$default/GET/request",
    identitySource: null,
    routeKey: "GET /request",
    rawPath: "/request",
    rawQueryString: "",
    headers: {
      accept: "application/json, text/plain, */*",
      "accept-encoding": "gzip, deflate, br, zstd",
      authorization: `Bearer ${token}`,
      host: "abcdef123.execute-api.eu-central-1.amazonaws.com",
      referer: "https://dashboard.example.com/chat",
      "user-agent":
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
      "x-forwarded-for": "192.0.2.7",
    },
    requestContext: {
      domainName: "abcdef123.execute-api.eu-central-1.amazonaws.com",
      http: {
        method: "GET",
        path: "/request",
        protocol: "HTTP/1.1",
        sourceIp: "192.0.2.7",
        userAgent: "Mozilla/5.0",
      },
      requestId: "JKJaXmPLvHcESHA=",
      routeKey: "GET /request",
    },
  };
}
