import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Cors, corsHeaders, preflightResponse, withoutCors } from "./cors.ts";
import { exchange, type Request, type Response } from "./exchange.ts";
import { asApiGateway, gatewayResponse } from "./gateway-errors.ts";
import { refusalOf } from "./guard.ts";
import { endToEnd, forwardedHeaders, valuesOf, withoutHeaders } from "./headers.ts";
import { listenOnLoopback } from "./listen.ts";
import { askPocketPaw } from "./pocketpaw.ts";
import { COOKIE_HEADER, ROUTE_HEADER } from "./pocketpaw-route.ts";
import { upgradeHandler } from "./upgrade.ts";

/** API Gateway's limit of a request's body. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Longer than any function of the service runs. */
const INNER_LIMIT_MILLISECONDS = 31_000;

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

  const handleUpgrades = upgradeHandler(options.pocketPaw, () => port);
  const servers = await listenOnLoopback(options.port, () => {
    const server = createServer((request, response) => void onRequest(request, response));
    handleUpgrades(server);
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
