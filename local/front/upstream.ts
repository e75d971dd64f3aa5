import { PAGE_ROUTES, UNTRUSTED_RESPONSE_HEADERS } from "../../deploy/routes.js";
import type { RawHeaders, Response } from "./exchange.ts";
import { proxyResponse } from "./gateway-errors.ts";
import { endToEnd, valuesOf, withoutCors, withoutHeaders } from "./headers.ts";

/**
 * The paths that go to PocketPaw: one spelling for each, so that PocketPaw takes none for another one. Letters,
 * digits and `-._~!$&'()*+,=:@` as they are; encoded, the space, the same punctuation except `-._~`, and non-ASCII;
 * no empty segment but the last, no `.` and no `..`.
 */
const CANONICAL =
  /^(?:\/(?!\.{1,2}(?:\/|$))(?:[a-z0-9._~!$&'()*+,=:@-]|%(?:2[0146-9abc]|3[ad]|40|[89a-f][0-9a-f]))+)*\/?$/i;

/** What the gateway has functions of its own for, and what PocketPaw must not serve on the gateway's origin. */
const REFUSED =
  /^\/api\/(?:v1\/)?(?:auth\/(?:login|logout|session|verify|register)|qr|token\/regenerate|oauth\/(?:authorize|token|integrations\/callback)|mcp\/oauth\/callback|docs|redoc|openapi\.json)(?:\/|$)/;

/**
 * The refusal of a path that the proxy in front of PocketPaw does not let through.
 *
 * @param path as the client sent it
 */
export function proxyRefusal(path: string): Response | undefined {
  if (!CANONICAL.test(path)) return proxyResponse(400, "The path is not canonical");
  return REFUSED.test(path) ? proxyResponse(404, "Not Found") : undefined;
}

/**
 * The headers that PocketPaw gets.
 *
 * @param headers the client's, as they are sent on
 * @param cookie that replaces the client's credentials; undefined on open routes
 */
export function requestHeaders(
  headers: RawHeaders,
  pocketPaw: URL,
  cookie: string | undefined,
): string[] {
  const replaced = cookie === undefined ? [] : ["cookie", "authorization"];
  return [
    ...withoutHeaders(headers, ["host", ...replaced]),
    ...["Host", pocketPaw.host],
    ...(cookie === undefined ? [] : ["Cookie", cookie]),
  ];
}

/**
 * The headers of PocketPaw's response that the client gets.
 *
 * @param gateway where the client finds the gateway, without a slash at the end
 * @param routeKey undefined on direct paths
 */
export function responseHeaders(
  headers: RawHeaders,
  pocketPaw: URL,
  gateway: string,
  routeKey?: string,
): string[] {
  const own = routeKey !== undefined && PAGE_ROUTES.includes(routeKey);
  const replaced: Readonly<Record<string, string>> = own ? {} : UNTRUSTED_RESPONSE_HEADERS;
  const dropped = own ? [] : ["x-frame-options", ...Object.keys(replaced)];
  const kept = withoutHeaders(withoutCors(endToEnd(headers)), ["set-cookie", ...dropped]);
  const hasCacheControl = valuesOf(kept, "cache-control").length > 0;
  return [
    ...relocate(kept, pocketPaw, gateway),
    ...Object.entries(replaced).flat(),
    ...(hasCacheControl ? [] : ["cache-control", "no-store"]),
  ];
}

/** Rewrites a `Location` that names PocketPaw, so that it leads to the gateway. A relative one does so already. */
function relocate(headers: readonly string[], pocketPaw: URL, gateway: string): string[] {
  return headers.map((value, index) => {
    if (index % 2 === 0 || headers[index - 1]?.toLowerCase() !== "location") return value;
    if (!/^(https?:)?\/\//i.test(value) || !URL.canParse(value, pocketPaw.href)) return value;
    const url = new URL(value, pocketPaw);
    if (onLoopback(url).host !== pocketPaw.host) return value;
    return gateway + url.pathname + url.search + url.hash;
  });
}

/** On a laptop `localhost` is 127.0.0.1 alone: another user's process may listen on [::1]. */
export function onLoopback(url: URL): URL {
  const result = new URL(url);
  if (/(^|\.)localhost$/i.test(result.hostname)) result.hostname = "127.0.0.1";
  return result;
}
