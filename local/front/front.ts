import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { ProxyServer } from "httpxy";
import { type Cors, corsHeaders, preflightResponse, withoutCors } from "./cors.ts";
import { exchange, type Request, type Response } from "./exchange.ts";
import { asApiGateway, gatewayResponse } from "./gateway-errors.ts";
import { refusalOf } from "./guard.ts";
import { endToEnd, forwardedHeaders, valuesOf, withoutHeaders } from "./headers.ts";
import { listenOnLoopback } from "./listen.ts";
import { askPocketPaw } from "./pocketpaw.ts";
import { COOKIE_HEADER, ROUTE_HEADER } from "./pocketpaw-route.ts";
import { loadHandshakeRules } from "./web-socket.ts";

/** API Gateway's limit of a request's body. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Longer than any function of the service runs. */
const INNER_LIMIT_MILLISECONDS = 31_000;
const HANDSHAKE_LIMIT_MILLISECONDS = 30_000;
const HANDSHAKE_RULES = join(import.meta.dirname, "../../deploy/cloudfront/websocket.js");

export interface FrontOptions {
  /** The port that browsers and clients use; 0: any free one. */
  readonly port: number;
  /** The path of the Unix domain socket that serverless-offline listens on. */
  readonly inner: string;
  /** Where PocketPaw listens; undefined: none. */
  readonly pocketPaw: URL | undefined;
  readonly cors: Cors;
}

export interface Front {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * Starts the server that replaces API Gateway and CloudFront on a laptop. It listens on 127.0.0.1 and, where there
 * is IPv6, on ::1.
 *
 * @throws Error for the operator to read when one of the two is taken
 */
export async function startFront(options: FrontOptions): Promise<Front> {
  const { pocketPaw } = options;
  const decide = loadHandshakeRules(HANDSHAKE_RULES);
  const proxy = new ProxyServer({ xfwd: false, changeOrigin: true });
  proxy.on("error", (_error, _request, socket) => void socket?.destroy());
  let port = options.port;

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const origin = request.headers.origin;
    const result = await respond(options, port, request).catch(() =>
      gatewayResponse(500, "Internal Server Error"),
    );
    const headers = endToEnd(result.headers);
    const hasOwnLength = request.method === "HEAD" || result.status === 304;
    if (!request.complete) headers.push("connection", "close");
    response.writeHead(result.status, [
      ...(hasOwnLength ? headers : withoutHeaders(headers, ["content-length"])),
      ...(hasOwnLength || result.status === 204 ? [] : ["content-length", `${result.body.length}`]),
      ...corsHeaders(options.cors, origin),
    ]);
    response.end(result.body);
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const passed = refusalOf(request, port) === undefined ? decide(request) : undefined;
    const isWebSocket = request.headers.upgrade?.toLowerCase() === "websocket";
    if (pocketPaw === undefined || passed === undefined || !isWebSocket) {
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const clean = forwardedHeaders(
      Object.entries(passed.headers).flat(),
      request.socket.remoteAddress ?? "127.0.0.1",
    );
    request.url = passed.target;
    request.headers = { connection: "Upgrade", upgrade: "websocket" };
    for (let at = 0; at < clean.length; at += 2) {
      request.headers[(clean[at] ?? "").toLowerCase()] = clean[at + 1];
    }
    const target = { target: pocketPaw, upgradeTimeout: HANDSHAKE_LIMIT_MILLISECONDS };
    proxy.ws(request, socket as Socket, target, head).catch(() => socket.destroy());
  }

  const servers = await listenOnLoopback(options.port, () => {
    const server = createServer((request, response) => void onRequest(request, response));
    server.on("upgrade", onUpgrade);
    return server;
  });
  port = servers.port;
  return servers;
}

async function respond(
  { inner, pocketPaw, cors }: FrontOptions,
  port: number,
  incoming: IncomingMessage,
): Promise<Response> {
  const refusal = refusalOf(incoming, port);
  if (refusal !== undefined) return gatewayResponse(refusal.status, refusal.message);
  if (incoming.method === "OPTIONS") {
    const preflight = preflightResponse(cors, incoming.headers.origin);
    return preflight ?? gatewayResponse(404, "Not Found");
  }
  const body = await readBody(incoming);
  if (body === undefined) return gatewayResponse(413, "Request Entity Too Large");
  const headers = forwardedHeaders(
    incoming.rawHeaders,
    incoming.socket.remoteAddress ?? "127.0.0.1",
  );
  const request: Request = {
    method: incoming.method ?? "GET",
    target: incoming.url ?? "/",
    headers: [
      ...withoutHeaders(headers, ["content-length", "expect"]),
      ...(body.length > 0 ? ["content-length", `${body.length}`] : []),
    ],
    body,
  };
  // serverless-offline would compress responses, which API Gateway does not.
  const kept = withoutHeaders(request.headers, ["accept-encoding"]);
  const result = await exchange(
    inner,
    { ...request, headers: kept },
    INNER_LIMIT_MILLISECONDS,
  ).catch(() => gatewayResponse(503, "Service Unavailable"));
  const key = valuesOf(result.headers, ROUTE_HEADER)[0];
  if (key === undefined || pocketPaw === undefined) return withoutCors(asApiGateway(result));
  const cookie = valuesOf(result.headers, COOKIE_HEADER)[0];
  return withoutCors(await askPocketPaw(pocketPaw, { key, cookie }, request));
}

/**
 * Reads a request's body; undefined when it is over API Gateway's limit. Such a body is read to its end and
 * discarded, because a client that is still sending when the connection closes does not read the response.
 */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}
