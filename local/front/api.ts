import type { IncomingMessage } from "node:http";
import { finished } from "node:stream/promises";
import type { Settings } from "../../deploy/settings.js";
import type { Invoke } from "../functions.ts";
import { readBody } from "../http.ts";
import { type ApiRequest, authorizerEvent, contextOf, eventFor, responseOf } from "./events.ts";
import { exchange } from "./exchange.ts";
import { type Fields, forwarded, without } from "./headers.ts";
import { FAILURE, gatewayResponse, type Response } from "./responses.ts";
import { createRouter, type Route } from "./routes.ts";
import { decodeOnce, type Target, withoutToken } from "./target.ts";
import { proxyRefusal, requestHeaders, responseHeaders } from "./upstream.ts";

/** API Gateway's limits of a body, in either direction, and of the time that an integration may take. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const LIMIT_MILLISECONDS = 30_000;

const NOT_FOUND = gatewayResponse(404, "Not Found");

export interface HttpApiOptions {
  readonly routes: readonly Route[];
  readonly invoke: Invoke;
  readonly pocketPaw: URL | undefined;
  readonly cors: Settings["cors"];
  /** How long PocketPaw may take; API Gateway's limit by default. */
  readonly limitMilliseconds?: number;
}

/**
 * The HTTP API on a laptop: its routes, its authorizer, its functions, its integration, its CORS and its limits.
 *
 * @returns what responds to a request as the deployed one does, and never throws
 */
export function createHttpApi(options: HttpApiOptions) {
  const { invoke, pocketPaw, cors, limitMilliseconds = LIMIT_MILLISECONDS } = options;
  const router = createRouter(options.routes);

  async function respond(incoming: IncomingMessage, parts: Target): Promise<Response> {
    const { method = "", socket } = incoming;
    if (method === "OPTIONS") {
      return cors ? { status: 204, headers: {}, body: Buffer.alloc(0) } : NOT_FOUND;
    }
    const body = await readBody(incoming, MAX_BODY_BYTES);
    if (body === undefined) {
      // A client that is still sending when the connection closes does not read the response.
      await finished(incoming.resume());
      return gatewayResponse(413, "Request Entity Too Large");
    }
    const route = router(method, decodeOnce(parts.path));
    if (route === undefined) return NOT_FOUND;
    const { key, functionKey, isGuarded } = route;
    const headers = without(forwarded(incoming), /^content-length$/);
    if (body.length > 0) headers["content-length"] = [String(body.length)];
    const sourceIp = socket.remoteAddress ?? "127.0.0.1";
    const request = { method, parts, sourceIp, headers, body };
    const context = isGuarded
      ? contextOf(await invoke("authorizer", authorizerEvent(request, key)))
      : {};
    if (context === undefined) return gatewayResponse(403, "Forbidden");
    if (functionKey === undefined) return askPocketPaw(request, route, context.upstreamCookie);
    const event = eventFor(request, key, isGuarded ? context : undefined);
    const response = responseOf(await invoke(functionKey, event));
    // API Gateway ignores an integration's CORS headers.
    return { ...response, headers: without(response.headers, /^access-control-/) };
  }

  /** The stack's HTTP_PROXY integration (deploy/pocketpaw.js), and the proxy behind it. */
  async function askPocketPaw(request: ApiRequest, { key, isGuarded }: Route, made: unknown) {
    const refusal = proxyRefusal(request.parts.path);
    if (refusal !== undefined) return refusal;
    const cookie = typeof made === "string" ? made : undefined;
    if (pocketPaw === undefined || (isGuarded && cookie === undefined)) {
      throw new Error("the authorizer made no cookie");
    }
    const headers = requestHeaders(request.headers, pocketPaw, cookie);
    const sent = { ...request, target: withoutToken(request.parts), headers };
    try {
      const response = await exchange(pocketPaw, sent, limitMilliseconds, MAX_BODY_BYTES);
      if (response === undefined) return FAILURE;
      const [host = ""] = request.headers.host ?? [];
      const own = responseHeaders(response.headers, pocketPaw, host, key);
      return { ...response, headers: own };
    } catch {
      return gatewayResponse(503, "Service Unavailable");
    }
  }

  return async (incoming: IncomingMessage, parts: Target): Promise<Response> => {
    const response = await respond(incoming, parts).catch(() => FAILURE);
    return { ...response, headers: { ...response.headers, ...corsHeaders(cors, incoming) } };
  };
}

/**
 * The CORS headers of any response, and those of a preflight's in addition; none for an origin that the settings do
 * not name. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
function corsHeaders(cors: Settings["cors"], { method, headers }: IncomingMessage): Fields {
  const { origin = "" } = headers;
  if (typeof cors === "boolean" || !cors.allowedOrigins.includes(origin)) return {};
  return {
    "access-control-allow-origin": [origin],
    ...(cors.allowCredentials && { "access-control-allow-credentials": ["true"] }),
    "access-control-expose-headers": [cors.exposedResponseHeaders.join(",")],
    vary: ["origin"],
    ...(method === "OPTIONS" && {
      "access-control-allow-methods": [cors.allowedMethods.join(",")],
      "access-control-allow-headers": [cors.allowedHeaders.join(",")],
      "access-control-max-age": [String(cors.maxAge)],
    }),
  };
}
