import type { IncomingMessage } from "node:http";

/** A request target, taken apart. */
export interface Target {
  /** The path as the client sent it. */
  readonly path: string;
  /** The query string, without `?`. */
  readonly query: string;
}

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?$/i;
const ABSOLUTE_FORM = /^https?:\/\/([^/?]*)(.*)$/i;

/** Whether a Host names this machine, with any port: SSH, VS Code and Docker forward other ports to this one. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK_HOST.test(host);
}

/**
 * The target of a request for this gateway, in origin form or in absolute form (RFC 9112, section 3.2).
 *
 * @returns the status of the refusal when Host or target names another machine (403, DNS rebinding), or when it is
 *   no target of a request (400)
 */
export function targetOf(request: IncomingMessage): Target | 400 | 403 {
  const hosts = request.headersDistinct.host ?? [];
  if (hosts.length !== 1 || !isLoopbackHost(hosts[0] ?? "")) return 403;
  const target = request.url ?? "";
  const [, authority, rest = target] = ABSOLUTE_FORM.exec(target) ?? [];
  if (authority !== undefined && !isLoopbackHost(authority)) return 403;
  const at = rest.indexOf("?");
  const path = at === -1 ? rest : rest.slice(0, at);
  const query = at === -1 ? "" : rest.slice(at + 1);
  // RFC 9112 knows no fragment in a target; PocketPaw's HTTP parser would cut it off.
  if (rest.includes("#")) return 400;
  if (path === "" && authority !== undefined) return { path: "/", query };
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
