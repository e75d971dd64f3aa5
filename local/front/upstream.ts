import { PAGE_ROUTES, UNTRUSTED_RESPONSE_HEADERS } from "../../deploy/routes.js";
import { type Fields, without } from "./headers.ts";
import { proxyResponse, type Response } from "./responses.ts";

/**
 * The paths that go to PocketPaw: one spelling for each, so that PocketPaw takes none for another one. Letters,
 * digits and `-._~!$&'()*+,=:@` as they are; encoded, the space, the same punctuation except `-._~`, and non-ASCII;
 * no empty segment but the last, no `.` and no `..`.
 */
const CANONICAL =
  /^(?:\/(?!\.{1,2}(?:\/|$))(?:[a-z0-9._~!$&'()*+,=:@-]|%(?:2[0146-9abc]|3[ad]|40|[89a-f][0-9a-f]))+)*\/?$/i;
/** What the gateway has functions of its own for, and what PocketPaw must not serve on the gateway's origin. */
const REFUSED =
  /^\/api\/(?:v1\/)?(?:auth\/(?:login|logout|session|verify|register|bearer\/login)|qr|token\/regenerate|oauth\/(?:authorize|token|integrations\/callback)|mcp\/oauth\/callback|docs|redoc|openapi\.json)(?:\/|$)/;

/** The refusal of a path, as the client sent it, that the proxy in front of PocketPaw does not let through. */
export function proxyRefusal(path: string): Response | undefined {
  if (!CANONICAL.test(path)) return proxyResponse(400, "The path is not canonical");
  return REFUSED.test(path) ? proxyResponse(404, "Not Found") : undefined;
}

/** The client's headers that PocketPaw gets, with the cookie that replaces its credentials, except on open routes. */
export function requestHeaders(fields: Fields, pocketPaw: URL, cookie: string | undefined): Fields {
  const host = { host: [pocketPaw.host] };
  if (cookie === undefined) return { ...fields, ...host };
  return { ...without(fields, /^authorization$/), ...host, cookie: [cookie] };
}

/** The headers of PocketPaw's response that the client gets, who calls the gateway `host`. Direct paths have no key. */
export function responseHeaders(fields: Fields, pocketPaw: URL, host: string, routeKey = "") {
  const { location, ...kept } = without(fields, /^(set-cookie|access-control-.*)$/);
  const all: Fields = { "cache-control": ["no-store"], ...kept };
  if (location) all.location = location.map((each) => relocate(each, pocketPaw, host));
  if (PAGE_ROUTES.includes(routeKey)) return all;
  const own = Object.entries(UNTRUSTED_RESPONSE_HEADERS).map(([name, value]) => [name, [value]]);
  return { ...without(all, /^x-frame-options$/), ...Object.fromEntries(own) };
}

/** A `Location` that names PocketPaw leads to the gateway; a relative one does so already. */
function relocate(location: string, pocketPaw: URL, host: string): string {
  const isAbsolute = /^(https?:)?\/\//i.test(location);
  if (!isAbsolute || !URL.canParse(location, pocketPaw.href)) return location;
  const url = new URL(location, pocketPaw);
  if (onLoopback(url).host !== pocketPaw.host) return location;
  return `http://${host}${url.pathname}${url.search}${url.hash}`;
}

/** On a laptop `localhost` is 127.0.0.1 alone: another user's process may listen on [::1]. */
export function onLoopback(url: URL): URL {
  const result = new URL(url);
  if (/(^|\.)localhost$/i.test(result.hostname)) result.hostname = "127.0.0.1";
  return result;
}
