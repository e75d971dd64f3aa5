import { readFileSync } from "node:fs";
import { join } from "node:path";

const LIST = join(import.meta.dirname, "..", "requested-urls.json");

/** The committed list, sorted: all that a browser requests of the gateway for the dashboard's sake. */
export function listedUrls(): readonly string[] {
  return JSON.parse(readFileSync(LIST, "utf8"));
}

/**
 * A request as the list has it.
 *
 * @param url absolute
 * @returns `<kind> <method> <path>`. The kind is `page` (PocketPaw's page and its static files), `API` or
 *   `WebSocket`; the path has no query, and ids are `{id}`
 */
export function normalizeRequest(method: string, url: string): string {
  const { pathname, protocol } = new URL(url);
  const path = pathname
    .split("/")
    .map((part) =>
      /^((websocket_)?[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32})$/.test(part) ? "{id}" : part,
    )
    .join("/");
  const httpKind = path.startsWith("/api/") ? "API" : "page";
  return `${protocol === "ws:" ? "WebSocket" : httpKind} ${method} ${path}`;
}
