import { createHash } from "node:crypto";
import type { HttpResponse } from "../http/response.ts";
import html from "./page.html";

export interface PageSettings {
  /** Whether PocketPaw is behind the gateway: the page then leads to its dashboard. */
  readonly hasPocketPaw: boolean;
}

/**
 * `GET` and `HEAD /gateway`, without a credential: the gateway's own page (page.html). It is the same for
 * everyone; what it shows of a session, its script asks of the API.
 */
export function createPage({ hasPocketPaw }: PageSettings): () => Promise<HttpResponse> {
  const response: HttpResponse = {
    statusCode: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": policyOf(html),
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
    body: html.replace('data-pocketpaw="false"', `data-pocketpaw="${hasPocketPaw}"`),
  };
  return async () => response;
}

/**
 * What the page may do: run its one script and style, by their hashes, and ask its own origin.
 * https://www.w3.org/TR/CSP3/#framework-directives
 */
function policyOf(page: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashOf(page, "script")}`,
    `style-src ${hashOf(page, "style")}`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function hashOf(page: string, element: "script" | "style"): string {
  const [, content = ""] = new RegExp(`<${element}[^>]*>(.*?)</${element}>`, "s").exec(page) ?? [];
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}
