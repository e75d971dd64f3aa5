import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { urlToHttpOptions } from "node:url";

/** Raw headers: name and value in turn, as Node lists them. */
export type RawHeaders = readonly string[];

export interface Message {
  readonly headers: RawHeaders;
  readonly body: Buffer;
}

export interface Request extends Message {
  readonly method: string;
  /** Path and query string, as they are to be sent. */
  readonly target: string;
}

export interface Response extends Message {
  readonly status: number;
}

/**
 * Sends one request and reads the whole response, as API Gateway does with an integration's.
 *
 * @param server its origin, or the path of its Unix domain socket
 * @param limitMilliseconds for all of it
 * @throws Error when no whole response comes in that time
 */
export function exchange(
  server: URL | string,
  { method, target, headers, body }: Request,
  limitMilliseconds: number,
): Promise<Response> {
  const address = typeof server === "string" ? { socketPath: server } : urlToHttpOptions(server);
  const send = "protocol" in address && address.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = send({
      ...address,
      method,
      path: target,
      headers: [...headers],
      agent: false,
      signal: AbortSignal.timeout(limitMilliseconds),
    });
    outgoing.on("error", reject);
    // A client that did not ask for another protocol gets no 101 (RFC 9110 section 15.2.2).
    outgoing.on("upgrade", (_response, socket) => {
      socket.destroy();
      reject(new Error("the server switched protocols"));
    });
    outgoing.on("response", (incoming) => {
      const status = incoming.statusCode ?? 0;
      if (status < 200) {
        outgoing.destroy();
        reject(new Error(`the server responded with status ${status}`));
        return;
      }
      const chunks: Buffer[] = [];
      incoming.on("error", reject);
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () =>
        resolve({
          status,
          headers: incoming.rawHeaders,
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.end(body);
  });
}
