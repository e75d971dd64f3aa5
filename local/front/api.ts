import type { IncomingMessage } from "node:http";
import type { Settings } from "../../deploy/settings.js";
import type { Invoke } from "../functions.ts";
import { readBody } from "../http.ts";
import { corsHeaders } from "./cors.ts";
import {
  type ApiRequest,
  authorizerEvent,
  contextOf,
  functionEvent,
  responseOf,
} from "./events.ts";
import { exchange } from "./exchange.ts";
import { forwarded, without } from "./headers.ts";
import { gatewayResponse, type Response } from "./responses.ts";
import { createRouter, type Route } from "./routes.ts";
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
      if (!cors) return gatewayResponse(404, "Not Found");
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    }
    const body = await readBody(incoming, MAX_BODY_BYTES);
    if (body === undefined) return gatewayResponse(413, "Request Entity Too Large");
    const route = router(method, decodeOnce(parts.path));
    if (route === undefined) return gatewayResponse(404, "Not Found");
    const headers = {
      ...without(forwarded(incoming), /^content-length$/),
      ...(body.length > 0 && { "content-length": [String(body.length)] }),
    };
    const sourceIp = socket.remoteAddress ?? "127.0.0.1";
    const request = { method, parts, sourceIp, headers, body };
    const { key, functionKey, isGuarded } = route;
    const context = isGuarded
      ? contextOf(await invoke("authorizer", authorizerEvent(request, key)))
      : {};
    if (context === undefined) return gatewayResponse(403, "Forbidden");
    if (functionKey === undefined) return askPocketPaw(request, route, context.upstreamCookie);
    const event = functionEvent(request, key, isGuarded ? context : undefined);
    const response = responseOf(await invoke(functionKey, event));
    // API Gateway ignores an integration's CORS headers.
    return { ...response, headers: without(response.headers, /^access-control-/) };
  }

  /** The stack's HTTP_PROXY integration (deploy/pocketpaw.js), and the proxy behind it. */
  async function askPocketPaw(
    request: ApiRequest,
    route: Route,
    cookie: unknown,
  ): Promise<Response> {
    const refusal = proxyRefusal(request.parts.path);
    if (refusal !== undefined) return refusal;
    const hasCookie = typeof cookie === "string";
    if (pocketPaw === undefined || (route.isGuarded && !hasCookie)) {
      throw new Error("the authorizer made no cookie");
    }
    const headers = requestHeaders(request.headers, pocketPaw, hasCookie ? cookie : undefined);
    const sent = { ...request, target: withoutToken(request.parts), headers };
    const limits = { milliseconds: limitMilliseconds, bytes: MAX_BODY_BYTES };
    try {
      const response = await exchange(pocketPaw, sent, limits);
      if (response === undefined) return gatewayResponse(500, "Internal Server Error");
      const gateway = `http://${request.headers.host}`;
      const own = responseHeaders(response.headers, pocketPaw, gateway, route.key);
      return { ...response, headers: own };
    } catch {
      return gatewayResponse(503, "Service Unavailable");
    }
  }

  return async (incoming: IncomingMessage, parts: Target): Promise<Response> => {
    const response = await respond(incoming, parts).catch(() =>
      gatewayResponse(500, "Internal Server Error"),
    );
    const { method, headers } = incoming;
    const added = corsHeaders(cors, headers.origin, method === "OPTIONS");
    return { ...response, headers: { ...response.headers, ...added } };
  };
}
