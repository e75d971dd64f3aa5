import { decodeFully, pathOf } from "./guard.ts";

/** PocketPaw's own routes that make sessions; the gateway has functions of its own for them. */
const SESSION_ROUTES = new Set(
  ["/auth/login", "/auth/session", "/qr"].flatMap((path) => [`/api${path}`, `/api/v1${path}`]),
);

/**
 * Whether a path is one of PocketPaw's routes that make sessions, in any spelling: percent-encoded once or
 * repeatedly, with additional slashes, in another case, or with path parameters.
 *
 * @param target a request target, with or without a query string
 */
export function makesSession(target: string): boolean {
  const path = decodeFully(pathOf(target))
    .toLowerCase()
    .split(/[?#]/, 1)[0]
    ?.split(/[/\\]/)
    .map((segment) => (segment.split(";", 1)[0] ?? "").trim())
    .filter((segment) => segment !== "")
    .join("/");
  return SESSION_ROUTES.has(`/${path}`);
}

/**
 * Removes the query parameter `token` in any spelling from a request target, since PocketPaw would log it. The rest
 * is unchanged.
 */
export function withoutToken(target: string): string {
  const path = pathOf(target);
  const query = target.slice(path.length + 1).split("#", 1)[0] ?? "";
  const kept = query.split("&").filter((part) => !new URLSearchParams(part).has("token"));
  return kept.join("&") === "" ? path : `${path}?${kept.join("&")}`;
}
