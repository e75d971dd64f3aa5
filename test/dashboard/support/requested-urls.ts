import { readFileSync } from "node:fs";
import { join } from "node:path";

const LIST = join(import.meta.dirname, "..", "requested-urls.json");

/** The committed list: all that a browser requests of the gateway for the dashboard's sake. */
export function listedUrls(): readonly string[] {
  return JSON.parse(readFileSync(LIST, "utf8"));
}

/**
 * A request as the list has it: method and path, no query, ids as `{id}`.
 *
 * @param url absolute, or a path with a query
 */
export function normalizeRequest(method: string, url: string): string {
  const path = new URL(url, "http://localhost").pathname
    .split("/")
    .map((part) =>
      /^((websocket_)?[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32})$/.test(part) ? "{id}" : part,
    )
    .join("/");
  return `${method} ${path}`;
}
