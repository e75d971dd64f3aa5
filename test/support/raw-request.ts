import { request } from "node:http";
import { expectDocumentedRoute } from "./documented.ts";

/** A response with its headers as they came. */
export interface RawResponse {
  readonly status: number;
  readonly headers: NodeJS.Dict<string[]>;
  readonly body: Buffer;
}

/**
 * A request that `fetch` would not send: any Host, cookie, path and header. An upgrade that passes is 101. The
 * response of a route in docs/openapi.yaml is held against it.
 */
export function rawRequest(
  url: string,
  target: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string | string[]>>;
    readonly body?: Uint8Array | string;
  } = {},
): Promise<RawResponse> {
  const { method = "GET", headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request(new URL(url), { method, headers, agent: false, path: target });
    sent.on("error", reject);
    sent.on("upgrade", (incoming, socket, head) => {
      socket.destroy();
      resolve({ status: 101, headers: incoming.headersDistinct, body: head });
    });
    sent.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const status = incoming.statusCode ?? 0;
        const content = Buffer.concat(chunks);
        const { "set-cookie": cookies = [], ...others } = incoming.headers;
        try {
          expectDocumentedRoute(method, target, {
            status,
            headers: others as Record<string, string>,
            cookies,
            body: String(content),
          });
          resolve({ status, headers: incoming.headersDistinct, body: content });
        } catch (error) {
          reject(error);
        }
      });
    });
    sent.end(body);
  });
}
