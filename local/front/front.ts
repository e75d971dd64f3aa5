import { createServer, type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { WEBSOCKET_PATHS } from "../../deploy/routes.js";
import { listen } from "../http.ts";
import { createHttpApi, type HttpApiOptions } from "./api.ts";
import { loadFunction } from "./cloudfront.ts";
import { createDirect } from "./direct.ts";
import { headOf, without } from "./headers.ts";
import { FAILURE, gatewayResponse, type Response } from "./responses.ts";
import { isDirect } from "./routes.ts";
import { targetOf } from "./target.ts";

export interface FrontOptions extends HttpApiOptions {
  /** How long PocketPaw may be silent on a direct path; CloudFront's limit by default. */
  readonly silenceMilliseconds?: number;
  /** 0: any free one. */
  readonly port: number;
  /** Gets a line for each request when its response has ended. */
  readonly log: (line: string) => void;
}

/**
 * Starts the server that replaces CloudFront, API Gateway and the proxy in front of PocketPaw on a laptop. It listens
 * on 127.0.0.1 and, where there is IPv6, on ::1.
 *
 * @throws Error for the operator to read when one of the two is taken
 */
export async function startFront(options: FrontOptions) {
  const { pocketPaw, log } = options;
  const api = createHttpApi(options);
  const direct = pocketPaw && createDirect(pocketPaw, options.invoke, options.silenceMilliseconds);
  const tokenLink = loadFunction("token-link.js");

  /** Writes one line for a request: method, path without the query, status, milliseconds. */
  function lineFor({ method, url = "" }: IncomingMessage) {
    const started = performance.now();
    const path = (url.split(/[?#]/, 1)[0] ?? "").replace(/[^\x21-\x7e]/g, encodeURIComponent);
    return (status: number) =>
      log(`${method} ${path} ${status} ${Math.round(performance.now() - started)} ms`);
  }

  /** The response; undefined where one has been streamed. */
  async function respond(request: IncomingMessage, response: ServerResponse) {
    const target = targetOf(request);
    if ("status" in target) return target;
    if (direct === undefined) return api(request, target);
    if (isDirect(target.path)) return direct.stream(request, response, target);
    return tokenLink(request, target) ?? api(request, target);
  }

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = lineFor(request);
    response.on("close", () => line(response.statusCode));
    const result = await respond(request, response).catch(() => FAILURE);
    if (result !== undefined) reply(request, response, result);
  }

  async function onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const line = lineFor(request);
    const target = targetOf(request);
    const isWebSocket =
      "path" in target && request.method === "GET" && WEBSOCKET_PATHS.includes(target.path);
    const refusal =
      direct && isWebSocket
        ? await direct.open(request, socket, head, target)
        : gatewayResponse(403, "Forbidden");
    if (refusal === undefined) return line(101);
    const response = new ServerResponse(request);
    response.on("close", () => line(response.statusCode));
    response.on("finish", () => socket.end());
    response.assignSocket(socket);
    response.shouldKeepAlive = false;
    reply(request, response, refusal);
  }

  return listen(["127.0.0.1", "::1"], options.port, () => {
    const server = createServer((request, response) => void onRequest(request, response));
    server.on("upgrade", (request, duplex, head) => {
      const socket = duplex as Socket;
      socket.on("error", () => socket.destroy());
      if (request.headers.upgrade?.toLowerCase() === "websocket") {
        onUpgrade(request, socket, head).catch(() => socket.destroy());
      } else {
        readAgain(request, socket, head);
        server.emit("connection", socket);
      }
    });
    // A client may close its own direction after the request (RFC 9112, section 9.6). Node 20
    // drops headers over its limit in silence, and a body whose length is lost would be sent on unframed.
    return Object.assign(server, { httpAllowHalfOpen: true, maxHeadersCount: 0 });
  });
}

/** Sends a response whose body is whole. */
function reply(request: IncomingMessage, response: ServerResponse, result: Response): void {
  const { status, headers, body } = result;
  const { "content-length": own, ...others } = headers;
  const isEmpty = status === 204 || status === 304;
  // Where the body is left out, PocketPaw's own length counts.
  const isLeftOut = request.method === "HEAD" || status === 304;
  const length = own && isLeftOut ? own : [String(body.length)];
  if (!request.complete) {
    // A client that is still sending when the connection closes does not read the response.
    response.shouldKeepAlive = false;
    request.resume();
  }
  response.writeHead(status, own || !isEmpty ? { ...others, "content-length": length } : others);
  response.end(body);
}

/** Puts a request back to be read again without the offer of another protocol (RFC 9110, section 7.8). */
function readAgain(request: IncomingMessage, socket: Socket, head: Buffer): void {
  const kept = without(request.headersDistinct, /^(upgrade|connection|http2-settings)$/);
  const fields = { connection: ["close"], ...kept };
  const text = headOf(`${request.method} ${request.url} HTTP/1.1`, fields);
  socket.unshift(Buffer.concat([Buffer.from(text, "latin1"), head]));
}
