import type { IncomingMessage } from "node:http";
import type { Invoke } from "../functions.ts";
import { type Cors, corsHeaders } from "./cors.ts";
import {
  type ApiRequest,
  authorizerEvent,
  contextOf,
  functionEvent,
  responseOf,
} from "./events.ts";
import { exchange, TooLarge } from "./exchange.ts";
import { forwarded, without } from "./headers.ts";
import { gatewayResponse, type Response } from "./responses.ts";
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

/**
 * The HTTP API on a laptop: its routes, its authorizer, its functions, its integration, its CORS and its limits.
 *
 * @returns what responds to a request as the deployed one does, and never throws
 */
export function createHttpApi(
  options: HttpApiOptions,
): (request: IncomingMessage, target: Target) => Promise<Response> {
  const { invoke, pocketPaw, cors, limitMilliseconds = LIMIT_MILLISECONDS } = options;
  const router = createRouter(options.routes);

  async function respond(incoming: IncomingMessage, parts: Target): Promise<Response> {
    if (incoming.method === "OPTIONS") {
      if (cors === false) return gatewayResponse(404, "Not Found");
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    }
    const body = await readBody(incoming);
    if (body === undefined) return gatewayResponse(413, "Request Entity Too Large");
    const match = router(incoming.method ?? "", decodeOnce(parts.path));
    if (match === undefined) return gatewayResponse(404, "Not Found");
    const request = {
      method: incoming.method ?? "",
      parts,
      sourceIp: incoming.socket.remoteAddress ?? "127.0.0.1",
      headers: {
        ...without(forwarded(incoming), /^content-length$/),
        ...(body.length > 0 && { "content-length": [String(body.length)] }),
      },
      body,
    };
    const { functionKey, isGuarded } = match.route;
    const context = isGuarded
      ? contextOf(await invoke("authorizer", authorizerEvent(request, match)))
      : {};
    if (context === undefined) return gatewayResponse(403, "Forbidden");
    if (functionKey === undefined) return askPocketPaw(request, match, context);
    const event = functionEvent(request, match, isGuarded ? context : undefined);
    const response = responseOf(await invoke(functionKey, event));
    // API Gateway ignores an integration's CORS headers.
    return { ...response, headers: without(response.headers, /^access-control-/) };
  }

  /** The stack's HTTP_PROXY integration (deploy/pocketpaw.js), and the proxy behind it. */
  async function askPocketPaw(
    request: ApiRequest,
    { route }: Match,
    { upstreamCookie }: { readonly upstreamCookie?: unknown },
  ): Promise<Response> {
    const refusal = proxyRefusal(request.parts.path);
    if (refusal !== undefined) return refusal;
    const cookie = typeof upstreamCookie === "string" ? upstreamCookie : undefined;
    if (pocketPaw === undefined || (route.isGuarded && cookie === undefined)) {
      throw new Error("the authorizer made no cookie");
    }
    const headers = requestHeaders(request.headers, pocketPaw, cookie);
    const sent = { ...request, target: withoutToken(request.parts), headers };
    const limits = { milliseconds: limitMilliseconds, bytes: MAX_BODY_BYTES };
    try {
      const response = await exchange(pocketPaw, sent, limits);
      const gateway = `http://${request.headers.host?.[0]}`;
      const own = responseHeaders(response.headers, pocketPaw, gateway, route.key);
      return { ...response, headers: own };
    } catch (error) {
      if (error instanceof TooLarge) return gatewayResponse(500, "Internal Server Error");
      return gatewayResponse(503, "Service Unavailable");
    }
  }

  return async (incoming, parts) => {
    const response = await respond(incoming, parts).catch(() =>
      gatewayResponse(500, "Internal Server Error"),
    );
    const { method, headers } = incoming;
    const added = corsHeaders(cors, headers.origin, method === "OPTIONS");
    return { ...response, headers: { ...response.headers, ...added } };
  };
}

/**
 * Reads a request's body; undefined when it is over API Gateway's limit. Such a body is read to its end and
 * discarded, because a client that is still sending when the connection closes does not read the response.
 */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}
