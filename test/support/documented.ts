import type { HttpResponse } from "../../lib/http/response.ts";
import { type SeenResponse, undocumented } from "./openapi.ts";
import { ROUTES } from "./openapi-document.ts";

/** A function's response as a client sees it. */
export function seenOf({ statusCode, headers, cookies = [], body }: HttpResponse): SeenResponse {
  return { status: statusCode, headers, cookies, body };
}

/**
 * As `fetch`; the response of a route in docs/openapi.yaml is held against it.
 *
 * @throws where the document does not have the response
 */
export async function fetchDocumented(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  const { pathname } = new URL(url);
  expectDocumentedRoute(init.method ?? "GET", pathname, {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    cookies: response.headers.getSetCookie(),
    body: await response.clone().text(),
  });
  return response;
}

/**
 * Holds a response that came over HTTP against docs/openapi.yaml, if its route is there.
 *
 * @param target the request's path, with or without a query string
 * @throws where the document does not have the response
 */
export function expectDocumentedRoute(method: string, target: string, seen: SeenResponse): void {
  const operation = ROUTES.get(`${method} ${target.replace(/\?.*$/s, "")}`);
  if (operation !== undefined) expectDocumented(operation, seen);
}

function expectDocumented(operation: string, seen: SeenResponse): void {
  const problems = undocumented(operation, seen);
  if (problems.length > 0) {
    throw new Error(`docs/openapi.yaml, ${operation}, ${seen.status}: ${problems.join("; ")}`);
  }
}
