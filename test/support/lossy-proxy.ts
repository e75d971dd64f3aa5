import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { listenOnLoopback } from "./loopback.ts";

/**
 * A proxy in front of a Secrets Manager that loses the response to each request that a test selects: the
 * request is carried out, and the connection ends. It ends with the test.
 *
 * @param isLost called with the operation's name and the request's number, from 1
 */
export async function startLossyProxy(
  target: string,
  isLost: (operation: string, count: number) => boolean,
): Promise<string> {
  let count = 0;

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    count += 1;
    const operation = String(request.headers["x-amz-target"]).replace(/^.*\./, "");
    const lost = isLost(operation, count);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { host, connection, "content-length": length, ...headers } = request.headers;
    const upstreamResponse = await fetch(target, {
      method: "POST",
      headers: headers as Record<string, string>,
      body: Buffer.concat(chunks),
    });
    const body = await upstreamResponse.text();
    if (lost) response.destroy();
    else
      response
        .writeHead(upstreamResponse.status, Object.fromEntries(upstreamResponse.headers))
        .end(body);
  }

  const server = createServer((request, response) => void forward(request, response));
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(close);
  return url;
}
