import { once } from "node:events";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import { NoResponse, reasonOf } from "./failures.ts";
import { createAgent } from "./proxy.ts";

export interface Reply {
  /** As it was given to `Send`. */
  readonly request: string;
  readonly status: number;
  /** By name in lower case. */
  readonly headers: NodeJS.Dict<string[]>;
  readonly body: Buffer;
  /** From the call to the last byte. */
  readonly milliseconds: number;
}

export type Headers = Readonly<Record<string, string>>;

/**
 * Sends one request, with its target as it stands. A redirect is not followed: credentials go to the gateway alone.
 * Of an event stream, which has no end, only the first bytes are read.
 *
 * @param request method, target and, after one more space, a body of JSON
 * @param headers the connection is kept for another request only with `connection: keep-alive`
 * @throws NoResponse
 */
export type Send = (request: string, headers?: Headers) => Promise<Reply>;

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
  onReply: (reply: Reply) => void = () => {},
  limitMilliseconds = LIMIT_MILLISECONDS,
): Send {
  const agent = createAgent(url);
  return async (request, headers) => {
    const [, method = "", path = "", body] = /^(\S+) (\S+)(?: (.*))?$/.exec(request) ?? [];
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const started = performance.now();
    const signal = AbortSignal.timeout(limitMilliseconds);
    const outgoing = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
      method,
      path,
      headers: { connection: "close", ...type, ...headers, host: url.host },
      // A server may end the connection of a handshake that it refused: no other request may get it.
      agent: headers?.upgrade === undefined ? agent : createAgent(url),
      // NODE_TLS_REJECT_UNAUTHORIZED=0 does not count here.
      rejectUnauthorized: true,
      signal,
      // RFC 6761 section 6.3; not every resolver knows it.
      ...(url.hostname.endsWith(".localhost") && { hostname: "127.0.0.1" }),
    });
    outgoing.end(body);
    try {
      const either = ["response", "upgrade"].map((event) => once(outgoing, event));
      const [incoming, socket] = (await Promise.race(either)) as [IncomingMessage, Socket?];
      socket?.on("error", () => {}).destroy();
      const reply: Reply = {
        request,
        status: incoming.statusCode ?? 0,
        headers: incoming.headersDistinct,
        body: socket === undefined ? await readBody(incoming) : Buffer.alloc(0),
        milliseconds: performance.now() - started,
      };
      onReply(reply);
      return reply;
    } catch (error) {
      if (error instanceof NoResponse) throw error;
      throw new NoResponse(
        signal.aborted ? "there was no whole response in time" : reasonOf(error),
      );
    }
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const isStream = incoming.headers["content-type"]?.startsWith("text/event-stream");
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new NoResponse("its body is over 4 MB");
    chunks.push(chunk);
    // Leaving the loop ends the connection.
    if (isStream) break;
  }
  return Buffer.concat(chunks);
}

/** A response's JSON object; an empty one for any other body. */
export function jsonOf({ body }: Reply): Record<string, unknown> {
  try {
    return { ...JSON.parse(body.toString("utf8")) };
  } catch {
    return {};
  }
}

/** A response header's only value; undefined when it is absent or there are several. */
export function headerOf({ headers }: Reply, name: string): string | undefined {
  const values = headers[name] ?? [];
  return values.length === 1 ? values[0] : undefined;
}

/**
 * The session cookies that a response sets (RFC 6265 section 4.1), by any of the gateway's names or PocketPaw's own:
 * `maxAge` in seconds, NaN without the attribute; the other attributes in lower case and in alphabetical order.
 */
export function sessionCookies({ headers }: Reply) {
  const lines = headers["set-cookie"] ?? [];
  return lines.flatMap((line) => {
    const [pair = "", ...rest] = line.split(";").map((part) => part.trim());
    const [name = "", value = ""] = pair.split("=");
    const all = rest.map((part) => part.toLowerCase()).sort();
    const maxAge = all.find((attribute) => attribute.startsWith("max-age="));
    const attributes = all.filter((attribute) => attribute !== maxAge).join("; ");
    const isOne = /^(__Host-pocketpaw|pocketpaw_gateway|pocketpaw)_session$/.test(name);
    return isOne ? [{ name, value, maxAge: Number(maxAge?.slice(8)), attributes }] : [];
  });
}

/** The header of a bearer token (RFC 6750). */
export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}
