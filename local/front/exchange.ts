import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps, Agent as SecureAgent } from "node:https";
import { urlToHttpOptions } from "node:url";
import { readBody } from "../http.ts";
import { endToEnd, type Fields } from "./headers.ts";
import type { Response } from "./responses.ts";

export interface Request {
  readonly method: string | undefined;
  /** Path and query string, as they are to be sent. */
  readonly target: string;
  readonly headers: Fields;
  readonly body?: Buffer;
}

// Agents of our own: Node's know the proxies of HTTP_PROXY, and what goes to loopback never leaves this machine.
const AGENT = new Agent();
const SECURE_AGENT = new SecureAgent();
/** For what may be sent again: a connection that is used again may close at that moment. */
const KEPT = new Agent({ keepAlive: true });

/** Begins a request to a server, without a proxy in between. */
export function send(server: URL, request: Request, agent = AGENT): ClientRequest {
  const { method, target, headers } = request;
  const isSecure = server.protocol === "https:";
  return (isSecure ? requestHttps : requestHttp)({
    ...urlToHttpOptions(server),
    agent: isSecure ? SECURE_AGENT : agent,
    method,
    path: target,
    // Node takes no list as Host.
    headers: { ...headers, host: String(headers.host) },
  });
}

/**
 * Sends one request and reads the whole response, as API Gateway does with an integration's.
 *
 * @returns undefined as soon as the body has more bytes than that
 * @throws Error when no whole response comes in that time
 */
export async function exchange(
  server: URL,
  request: Request,
  limitMilliseconds: number,
  mostBytes: number,
): Promise<Response | undefined> {
  const isSafe = /^(GET|HEAD)$/.test(String(request.method));
  const outgoing = send(server, request, isSafe ? KEPT : AGENT);
  const timer = setTimeout(() => outgoing.destroy(new Error("late")), limitMilliseconds);
  try {
    outgoing.end(request.body);
    const incoming = await responseTo(outgoing);
    const body = await readBody(incoming, mostBytes);
    if (body === undefined) incoming.destroy();
    return body && { status: incoming.statusCode ?? 0, headers: endToEnd(incoming), body };
  } catch (error) {
    // https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1
    const isReset = (error as NodeJS.ErrnoException).code === "ECONNRESET";
    if (!isSafe || !isReset || !outgoing.reusedSocket) throw error;
    return await exchange(server, request, limitMilliseconds, mostBytes);
  } finally {
    clearTimeout(timer);
  }
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
    outgoing.on("upgrade", (_, socket) => {
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
