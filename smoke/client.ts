import { type Agent, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { NoResponse, reasonOf } from "./failures.ts";

export interface Reply {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: NodeJS.Dict<string[]>;
  readonly body: Buffer;
  /** From the call to the last byte. */
  readonly milliseconds: number;
}

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Without one, each request has a connection of its own. */
  readonly agent?: Agent;
}

/**
 * Sends one request, with its target as it stands. A redirect is not followed: credentials go to the gateway alone.
 *
 * @param request method and target, such as `GET /healthz`
 * @throws NoResponse
 */
export type Send = (request: string, options?: SendOptions) => Promise<Reply>;

/** Longer than API Gateway waits for a function. */
const LIMIT_MILLISECONDS = 35_000;
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Makes what sends requests to one gateway.
 *
 * @param onReply sees every response
 * @param limitMilliseconds for each whole response
 */
export function createSend(
  url: URL,
  onReply: (request: string, reply: Reply) => void,
  limitMilliseconds = LIMIT_MILLISECONDS,
): Send {
  return async (request, { headers = {}, body, agent } = {}) => {
    const [method = "", path = ""] = request.split(" ");
    const started = performance.now();
    const outgoing = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
      method,
      path,
      headers: { ...headers, host: url.host },
      agent: agent ?? false,
      // NODE_TLS_REJECT_UNAUTHORIZED=0 does not count here.
      rejectUnauthorized: true,
      signal: AbortSignal.timeout(limitMilliseconds),
      // RFC 6761 section 6.3; not every resolver knows it.
      ...(url.protocol === "http:" && url.hostname.endsWith(".localhost")
        ? { hostname: "127.0.0.1" }
        : {}),
    });
    const reply = await new Promise<Reply>((resolve, reject) => {
      const settle = (incoming: IncomingMessage, received: Buffer) =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headersDistinct,
          body: received,
          milliseconds: performance.now() - started,
        });
      const fail = (error: unknown) =>
        reject(error instanceof NoResponse ? error : new NoResponse(reasonOf(error)));
      outgoing.on("error", fail);
      outgoing.on("upgrade", (incoming, socket) => {
        socket.on("error", () => {});
        socket.destroy();
        settle(incoming, Buffer.alloc(0));
      });
      outgoing.on("response", (incoming) => {
        readBody(incoming).then((received) => settle(incoming, received), fail);
      });
      outgoing.end(body);
    });
    onReply(request, reply);
    return reply;
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new NoResponse("its body is over 4 MB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A response's JSON object; undefined for any other body. */
export function jsonOf({ body }: Reply): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
}

/** A response header's only value; undefined when it is absent or there are several. */
export function headerOf({ headers }: Reply, name: string): string | undefined {
  const values = headers[name] ?? [];
  return values.length === 1 ? values[0] : undefined;
}
