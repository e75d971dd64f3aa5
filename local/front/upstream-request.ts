import { decodeFully, pathOf } from "./guard.ts";

/**
 * PocketPaw's own routes that make sessions, or a master token that no secret holds and no alarm tells of: the gateway
 * has functions of its own for them. And its callback for
 * Google's and Spotify's OAuth, where a link could connect another person's account: the `state` is no secret, and
 * the redirect URI is always PocketPaw's own `http://localhost:<port>`.
 * https://www.rfc-editor.org/rfc/rfc9700#section-4.7
 */
const REFUSED_ROUTES = new Set([
  ...["/auth/login", "/auth/session", "/qr", "/token/regenerate"].flatMap((path) => [
    `/api${path}`,
    `/api/v1${path}`,
  ]),
  "/api/v1/oauth/integrations/callback",
]);

/**
 * Whether a path is one of PocketPaw's routes that the gateway never reaches, in any spelling: percent-encoded once or
 * repeatedly, with additional slashes, in another case, or with path parameters.
 *
 * @param target a request target, with or without a query string
 */
export function isRefused(target: string): boolean {
  const path = decodeFully(pathOf(target))
    .toLowerCase()
    .split(/[?#]/, 1)[0]
    ?.split(/[/\\]/)
    .map((segment) => (segment.split(";", 1)[0] ?? "").trim())
    .filter((segment) => segment !== "")
    .join("/");
  return REFUSED_ROUTES.has(`/${path}`);
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
