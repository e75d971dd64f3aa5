import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from "node:http";
import { request as requestHttps, Agent as SecureAgent } from "node:https";
import { urlToHttpOptions } from "node:url";

/** Raw headers: name and value in turn, as Node lists them. */
export type RawHeaders = readonly string[];

export interface Request {
  readonly method: string;
  /** Path and query string, as they are to be sent. */
  readonly target: string;
  readonly headers: RawHeaders;
  readonly body: Buffer;
}

export interface Response {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Buffer;
}

/** A response that is larger than its limit. */
export class TooLarge extends Error {}

// Agents of our own: Node's know the proxies of HTTP_PROXY, and what goes to loopback never leaves this machine.
const AGENTS = { "http:": new Agent(), "https:": new SecureAgent() };

/** Begins a request to a server, without a proxy in between. */
export function send(server: URL, options: RequestOptions): ClientRequest {
  const isSecure = server.protocol === "https:";
  const all = {
    ...urlToHttpOptions(server),
    agent: AGENTS[isSecure ? "https:" : "http:"],
    ...options,
  };
  return isSecure ? requestHttps(all) : requestHttp(all);
}

/**
 * Sends one request and reads the whole response, as API Gateway does with an integration's.
 *
 * @param limitMilliseconds for all of it
 * @param maxBytes of the response's body
 * @throws TooLarge for a larger body; Error when no whole response comes in that time
 */
export async function exchange(
  server: URL,
  { method, target, headers, body }: Request,
  limitMilliseconds: number,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<Response> {
  const signal = AbortSignal.timeout(limitMilliseconds);
  const outgoing = send(server, { method, path: target, headers: [...headers], signal });
  outgoing.end(body);
  const incoming = await responseTo(outgoing);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new TooLarge();
    chunks.push(chunk);
  }
  const status = incoming.statusCode ?? 0;
  return { status, headers: incoming.rawHeaders, body: Buffer.concat(chunks) };
}

/**
 * The response to a request, whose body is still to come.
 *
 * @throws Error when there is none, or one that no client asked for: another protocol (RFC 9110, section 15.2.2),
 *   or a status below 200 as the last one
 */
export function responseTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Also what happens after the response has begun; its own "error" says so too.
    outgoing.on("error", reject);
    outgoing.on("upgrade", (_response, socket) => {
      socket.destroy();
      reject(new Error("the server switched protocols"));
    });
    outgoing.on("response", (incoming) => {
      if ((incoming.statusCode ?? 0) >= 200) return resolve(incoming);
      outgoing.destroy();
      reject(new Error(`the server responded with status ${incoming.statusCode}`));
    });
  });
}
