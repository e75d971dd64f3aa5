import { PAGE_ROUTES, UNTRUSTED_RESPONSE_HEADERS } from "../../deploy/routes.js";
import { exchange, type Request, type Response } from "./exchange.ts";
import { gatewayResponse } from "./gateway-errors.ts";
import { endToEnd, valuesOf, withoutHeaders } from "./headers.ts";
import { isRefused, withoutToken } from "./upstream-request.ts";

/** API Gateway waits for an integration no longer. */
const LIMIT_MILLISECONDS = 30_000;

/** A route to PocketPaw that serverless-offline matched. */
export interface Route {
  /** The route key, such as `GET /api/{proxy+}`. */
  readonly key: string;
  /** The authorizer's cookie for PocketPaw; undefined on open routes. */
  readonly cookie: string | undefined;
}

/**
 * Sends a request to PocketPaw as the stack's integration does (deploy/pocketpaw.js).
 *
 * @param origin PocketPaw's
 * @param request with the headers that go on, `Host` included
 * @param limitMilliseconds how long to wait
 * @returns PocketPaw's response; 503 when there is none in that time
 */
export async function askPocketPaw(
  origin: URL,
  route: Route,
  request: Request,
  limitMilliseconds = LIMIT_MILLISECONDS,
): Promise<Response> {
  // API Gateway matches HEAD only where a route key names it, and the page's name GET.
  if (isRefused(request.target) || !isMethodOf(route.key, request.method)) {
    return gatewayResponse(404, "Not Found");
  }
  const host = valuesOf(request.headers, "host")[0] ?? "";
  const dropped = ["host", ...(route.cookie === undefined ? [] : ["cookie"])];
  const headers = [
    ...withoutHeaders(request.headers, dropped),
    ...["Host", origin.host],
    ...(route.cookie === undefined ? [] : ["Cookie", route.cookie]),
  ];
  let response: Response;
  try {
    const sent = { ...request, headers, target: withoutToken(request.target) };
    response = await exchange(origin, sent, limitMilliseconds);
  } catch {
    response = gatewayResponse(503, "Service Unavailable");
  }
  const located = relocate(endToEnd(response.headers), origin, `http://${host}`);
  return { ...response, headers: PAGE_ROUTES.includes(route.key) ? located : distrust(located) };
}

function isMethodOf(routeKey: string, method: string): boolean {
  return routeKey.startsWith(`${method} `) || (method === "HEAD" && routeKey.includes("/api/"));
}

function distrust(headers: readonly string[]): string[] {
  const replaced = Object.entries(UNTRUSTED_RESPONSE_HEADERS);
  const names = replaced.map(([name]) => name);
  return [...withoutHeaders(headers, names), ...replaced.flat()];
}

/** Rewrites a `Location` that names PocketPaw, so that it leads to the gateway. */
function relocate(headers: readonly string[], origin: URL, gateway: string): string[] {
  return headers.map((value, index) => {
    if (index % 2 === 0 || headers[index - 1]?.toLowerCase() !== "location") return value;
    if (!URL.canParse(value, origin.href)) return value;
    const url = new URL(value, origin);
    return url.host === origin.host ? gateway + url.pathname + url.search + url.hash : value;
  });
}
