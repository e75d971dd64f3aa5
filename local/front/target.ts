import type { IncomingMessage } from "node:http";
import { isLoopbackHost } from "../http.ts";

/** A request target, taken apart. */
export interface Target {
  /** The path as the client sent it. */
  readonly path: string;
  /** The query string, without `?`. */
  readonly query: string;
}

const ABSOLUTE_FORM = /^https?:\/\/([^/?]*)(.*)$/i;

/**
 * The target of a request for this gateway, in origin form or in absolute form (RFC 9112, section 3.2).
 *
 * @returns the status of the refusal when Host or target names another machine (403, DNS rebinding), or when it is
 *   no target of a request (400)
 */
export function targetOf({ headersDistinct, url = "" }: IncomingMessage): Target | 400 | 403 {
  const [, authority, rest = url] = ABSOLUTE_FORM.exec(url) ?? [];
  const hosts = headersDistinct.host ?? [];
  if (hosts.length !== 1 || ![...hosts, authority ?? "localhost"].every(isLoopbackHost)) return 403;
  // RFC 9112 knows no fragment in a target; PocketPaw's HTTP parser would cut it off.
  if (rest.includes("#")) return 400;
  const [found = "", query = ""] = rest.split(/\?(.*)/s);
  const path = found === "" && authority !== undefined ? "/" : found;
  return path.startsWith("/") ? { path, query } : 400;
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
