import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { type Listening, listenOnLoopback } from "../../support/loopback.ts";
import type { Decision, Origin } from "./distribution.ts";

/** Where an origin is, and what it is sent in addition. */
export interface Destination {
  /** On 127.0.0.1. */
  readonly port: number;
  /** `Host`: the origin's own name. */
  readonly host: string;
  /** The origin's custom headers, which replace the viewer's. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A server in CloudFront's place. Its viewers speak https to it, as far as it and its origins know.
 *
 * @param decide support/distribution.ts
 * @param locate asked for each request
 */
export async function startCloudFront(
  decide: (request: IncomingMessage) => Decision,
  locate: (origin: Origin) => Promise<Destination>,
): Promise<Listening> {
  async function send(incoming: IncomingMessage, upgrade: OutgoingHttpHeaders) {
    const { origin, isAllowed, changed } = decide(incoming);
    if (!isAllowed) return undefined;
    const { port, host, headers } = await locate(origin);
    const kept = changed?.headers ?? incoming.headers;
    return request({
      host: "127.0.0.1",
      port,
      agent: false,
      method: incoming.method,
      path: changed?.target ?? incoming.url,
      headers: {
        ...kept,
        "x-forwarded-for": "198.51.100.11",
        ...upgrade,
        host,
        ...headers,
      },
    });
  }

  async function onRequest(incoming: IncomingMessage, response: ServerResponse) {
    const outgoing = await send(incoming, {});
    if (outgoing === undefined) return void response.writeHead(403).end();
    outgoing.once("error", () => response.destroy());
    incoming.pipe(outgoing);
    const [result] = await once(outgoing, "response");
    response.writeHead(result.statusCode, result.rawHeaders);
    result.pipe(response);
  }

  async function onUpgrade(incoming: IncomingMessage, viewer: Duplex, head: Buffer) {
    viewer.on("error", () => viewer.destroy());
    const { upgrade } = incoming.headers;
    const outgoing = await send(incoming, { connection: "Upgrade", upgrade });
    const respond = (status: number | undefined, rawHeaders: readonly string[]) => {
      const lines = rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`));
      viewer.write(`HTTP/1.1 ${status} \r\n${lines.join("")}\r\n`);
    };
    if (outgoing === undefined) {
      respond(403, ["content-length", "0", "connection", "close"]);
      return void viewer.end();
    }
    outgoing.once("error", () => viewer.destroy());
    outgoing.once("upgrade", (result, upstream, firstBytes) => {
      respond(result.statusCode, result.rawHeaders);
      viewer.write(firstBytes);
      upstream.write(head);
      upstream.on("error", () => upstream.destroy());
      upstream.once("close", () => viewer.destroy());
      viewer.once("close", () => upstream.destroy());
      viewer.pipe(upstream).pipe(viewer);
    });
    outgoing.once("response", (result) => {
      respond(result.statusCode, ["connection", "close"]);
      result.pipe(viewer);
    });
    outgoing.end();
  }

  const server = createServer((incoming, response) => {
    onRequest(incoming, response).catch(() => response.destroy());
  });
  server.on("upgrade", (incoming, viewer, head) => {
    onUpgrade(incoming, viewer, head).catch(() => viewer.destroy());
  });
  return listenOnLoopback(server);
}
