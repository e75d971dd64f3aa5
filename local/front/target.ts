import type { IncomingMessage } from "node:http";
import { isLoopbackHost } from "../http.ts";
import { gatewayResponse, type Response } from "./responses.ts";

/** Path and query of a request target, as the client sent them, without the `?`. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

const ABSOLUTE_FORM = /^https?:\/\/([^/?]*)(.*)$/i;
const FOREIGN_HOST =
  "The Host header does not name this gateway; it must be localhost, 127.0.0.1 or [::1], with any port";

/**
 * The target of a request for this gateway, in origin form or in absolute form (RFC 9112, section 3.2); or the refusal
 * when Host or target names another machine (DNS rebinding), or it is no target.
 */
export function targetOf({ headersDistinct, url = "" }: IncomingMessage): Target | Response {
  const [, authority, rest = url] = ABSOLUTE_FORM.exec(url) ?? [];
  const hosts = headersDistinct.host ?? [];
  const isHere = hosts.length === 1 && hosts.every(isLoopbackHost);
  if (!isHere || (authority !== undefined && !isLoopbackHost(authority))) {
    return gatewayResponse(403, FOREIGN_HOST);
  }
  const [found = "", query = ""] = rest.split(/\?(.*)/s);
  const path = found === "" && authority !== undefined ? "/" : found;
  // RFC 9112 knows no fragment in a target; PocketPaw's HTTP parser would cut it off.
  const isTarget = path.startsWith("/") && !rest.includes("#");
  return isTarget ? { path, query } : gatewayResponse(400, "Bad Request");
}

/** A path, percent-decoded once as API Gateway does it; as it is where it cannot be decoded. */
export function decodeOnce(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The target without the query parameter `token` in any spelling, since PocketPaw would log it. */
export function withoutToken({ path, query }: Target): string {
  const kept = query.split("&").filter((part) => !new URLSearchParams(part).has("token"));
  return kept.join("&") === "" ? path : `${path}?${kept.join("&")}`;
}
