import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { listenOnLoopback } from "./loopback.ts";
import { gatherPrinted } from "./printed.ts";

const PREFIX = "/2018-06-01/runtime";
const TIMEOUT_MS = 30_000;

/** One function to run: what AWS reads in the stack's template and the managed runtime. */
export interface FunctionOptions {
  /** Path of a Node 24 binary. */
  node: string;
  /** Path of aws-lambda-ric's `index.mjs`, the runtime client that AWS itself runs. */
  ric: string;
  /** Folder of the unpacked zip. */
  taskRoot: string;
  /** As in the template, such as `handlers/session.handler`. */
  handler: string;
  /** Added to the variables that Lambda sets; nothing is inherited from this process. */
  env: Record<string, string>;
}

/** A running function: one container, which runs one event at a time. */
export interface FunctionProcess {
  /**
   * Hands over one event (queued behind those before it) and returns the parsed response.
   * Throws an Error whose name is Lambda's `errorType` when the handler threw or the module did not
   * load, and a plain Error with the log when the process ended.
   */
  invoke(event: unknown): Promise<unknown>;
  /** All that the process has printed. */
  log(): string;
  /** Ends the process and its Runtime API. */
  stop(): Promise<void>;
}

interface Invocation {
  event: string;
  resolve(response: unknown): void;
  reject(error: Error): void;
}

/**
 * Starts a function under the real runtime client, against a Runtime API on a free loopback port.
 * Returns as soon as the process is started; a module that does not load shows in `invoke`.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startFunction(options: FunctionOptions): Promise<FunctionProcess> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let poll: ServerResponse | undefined;
  let failure: Error | undefined;
  let lastId = 0;

  function hand(): void {
    const invocation = poll && waiting.shift();
    if (!poll || !invocation) return;
    const id = `00000000-0000-4000-8000-${String(++lastId).padStart(12, "0")}`;
    running.set(id, invocation);
    poll.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(invocation.event),
      "lambda-runtime-aws-request-id": id,
      "lambda-runtime-deadline-ms": Date.now() + TIMEOUT_MS,
      "lambda-runtime-invoked-function-arn":
        "arn:aws:lambda:eu-central-1:123456789012:function:test",
    });
    poll.end(invocation.event);
    poll = undefined;
  }

  function fail(error: Error): void {
    failure ??= error;
    for (const invocation of [...running.values(), ...waiting.splice(0)])
      invocation.reject(failure);
    running.clear();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id, outcome] = request.url?.match(/\/invocation\/([^/]+)\/(response|error)$/) ?? [];
    if (request.url === `${PREFIX}/invocation/next`) {
      poll = response;
      hand();
      return;
    }
    const body = await text(request);
    response.writeHead(202, { "content-length": 0 }).end();
    if (request.url === `${PREFIX}/init/error`) fail(functionError(body));
    const invocation = running.get(id ?? "");
    running.delete(id ?? "");
    if (outcome === "response") invocation?.resolve(JSON.parse(body));
    else invocation?.reject(functionError(body));
  }

  const api = createServer((request, response) => void serve(request, response));
  const { port, close } = await listenOnLoopback(api);

  const child = spawn(options.node, [options.ric], {
    cwd: options.taskRoot,
    env: { ...lambdaEnvironment(options), AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = gatherPrinted(child);
  const ended = new Promise<void>((resolve) => {
    child.on("error", fail);
    child.on("close", (code, signal) => {
      fail(new Error(`the function's process ended (${code ?? signal}):\n${log()}`));
      resolve();
    });
  });

  return {
    log,
    invoke: (event) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        waiting.push({ event: JSON.stringify(event), resolve, reject });
        hand();
      }),
    async stop() {
      child.kill("SIGKILL");
      await ended;
      await close();
    },
  };
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
function lambdaEnvironment({ taskRoot, handler, env }: FunctionOptions): Record<string, string> {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_FUNCTION_NAME: "test",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/test",
    AWS_LAMBDA_LOG_STREAM_NAME: "test",
    AWS_REGION: "eu-central-1",
    AWS_DEFAULT_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "ASIATEST",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_SESSION_TOKEN: "test",
    ...env,
  };
}

function functionError(body: string): Error {
  const { errorType, errorMessage } = JSON.parse(body);
  return Object.assign(new Error(errorMessage), { name: errorType });
}
