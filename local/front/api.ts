import type { IncomingMessage } from "node:http";
import type { Invoke } from "../functions.ts";
import { type Cors, corsHeaders, preflightResponse } from "./cors.ts";
import {
  type ApiRequest,
  authorizerEvent,
  contextOf,
  functionEvent,
  responseOf,
} from "./events.ts";
import { exchange, type Response, TooLarge } from "./exchange.ts";
import { gatewayResponse } from "./gateway-errors.ts";
import { forwardedHeaders, withoutCors, withoutHeaders } from "./headers.ts";
import { createRouter, type Match, type Route } from "./routes.ts";
import { decodeOnce, type Target, withoutToken } from "./target.ts";
import { proxyRefusal, requestHeaders, responseHeaders } from "./upstream.ts";

/** API Gateway's limits of a body, in either direction, and of the time that an integration may take. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const LIMIT_MILLISECONDS = 30_000;

export interface HttpApiOptions {
  readonly routes: readonly Route[];
  readonly invoke: Invoke;
  /** Where PocketPaw listens; undefined: none. */
  readonly pocketPaw: URL | undefined;
  readonly cors: Cors;
  /** How long PocketPaw may take; API Gateway's limit by default. */
  readonly limitMilliseconds?: number;
}

/** Responds to a request as the deployed HTTP API does. Never throws. */
export type HttpApi = (request: IncomingMessage, target: Target) => Promise<Response>;

/** The HTTP API on a laptop: its routes, its authorizer, its functions, its integration, its CORS and its limits. */
export function createHttpApi(options: HttpApiOptions): HttpApi {
  const { invoke, pocketPaw, cors, limitMilliseconds = LIMIT_MILLISECONDS } = options;
  const router = createRouter(options.routes);

  async function respond(incoming: IncomingMessage, parts: Target): Promise<Response> {
    if (incoming.method === "OPTIONS") {
      const preflight = preflightResponse(cors, incoming.headers.origin);
      return preflight ?? gatewayResponse(404, "Not Found");
    }
    const request = await readRequest(incoming, parts);
    if (request === undefined) return gatewayResponse(413, "Request Entity Too Large");
    const match = router(request.method, decodeOnce(parts.path));
    if (match === undefined) return gatewayResponse(404, "Not Found");
    const context = match.route.isGuarded
      ? contextOf(await invoke("authorizer", authorizerEvent(request, match)))
      : {};
    if (context === undefined) return gatewayResponse(403, "Forbidden");
    const { functionKey } = match.route;
    if (functionKey === undefined) return askPocketPaw(request, match, context);
    const event = functionEvent(request, match, match.route.isGuarded ? context : undefined);
    const response = responseOf(await invoke(functionKey, event));
    return { ...response, headers: withoutCors(response.headers) };
  }

  /** The stack's HTTP_PROXY integration (deploy/pocketpaw.js), and the proxy behind it. */
  async function askPocketPaw(
    request: ApiRequest,
    { route }: Match,
    context: { readonly upstreamCookie?: unknown },
  ): Promise<Response> {
    const refusal = proxyRefusal(request.parts.path);
    if (refusal !== undefined || pocketPaw === undefined) {
      return refusal ?? gatewayResponse(404, "Not Found");
    }
    const { upstreamCookie } = context;
    const cookie = typeof upstreamCookie === "string" ? upstreamCookie : undefined;
    if (route.isGuarded && cookie === undefined) throw new Error("the authorizer made no cookie");
    const headers = requestHeaders(request.headers, pocketPaw, cookie);
    const target = withoutToken(request.parts);
    try {
      const sent = { ...request, target, headers };
      const response = await exchange(pocketPaw, sent, limitMilliseconds, MAX_BODY_BYTES);
      const gateway = `http://${request.host}`;
      return {
        ...response,
        headers: responseHeaders(response.headers, pocketPaw, gateway, route.key),
      };
    } catch (error) {
      if (error instanceof TooLarge) return gatewayResponse(500, "Internal Server Error");
      return gatewayResponse(503, "Service Unavailable");
    }
  }

  return async (incoming, parts) => {
    const response = await respond(incoming, parts).catch(() =>
      gatewayResponse(500, "Internal Server Error"),
    );
    const headers = [...response.headers, ...corsHeaders(cors, incoming.headers.origin)];
    return { ...response, headers };
  };
}

/**
 * Reads a request; undefined when its body is over API Gateway's limit. Such a body is read to its end and
 * discarded, because a client that is still sending when the connection closes does not read the response.
 */
async function readRequest(
  incoming: IncomingMessage,
  parts: Target,
): Promise<ApiRequest | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) return undefined;
  const sourceIp = incoming.socket.remoteAddress ?? "127.0.0.1";
  const body = Buffer.concat(chunks);
  return {
    method: incoming.method ?? "GET",
    parts,
    host: incoming.headers.host ?? "",
    sourceIp,
    headers: [
      ...withoutHeaders(forwardedHeaders(incoming.rawHeaders, sourceIp), ["content-length"]),
      ...(body.length > 0 ? ["content-length", `${body.length}`] : []),
    ],
    body,
  };
}
