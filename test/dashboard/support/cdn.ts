import { join } from "node:path";
import type { BrowserContext } from "playwright-core";

const PACKAGES = join(import.meta.dirname, "..", "node_modules");
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** What PocketPaw 0.4.18's page loads from CDNs, and where the packages of the same names have it. */
const CDN_FILES: Readonly<Record<string, string>> = {
  "https://unpkg.com/lucide@latest": "lucide/dist/umd/lucide.min.js",
  "https://cdn.jsdelivr.net/npm/marked@14/marked.min.js": "marked/marked.min.js",
  "https://cdn.jsdelivr.net/npm/dompurify@3/dist/purify.min.js": "dompurify/dist/purify.min.js",
  "https://cdn.jsdelivr.net/npm/highlight.js@11.9.0/styles/atom-one-dark.min.css":
    "@highlightjs/cdn-assets/styles/atom-one-dark.min.css",
  "https://cdn.jsdelivr.net/gh/highlightjs/cdn-release@11.9.0/build/highlight.min.js":
    "@highlightjs/cdn-assets/highlight.min.js",
  "https://cdn.jsdelivr.net/npm/qrcode-generator@1.4.4/qrcode.min.js": "qrcode-generator/qrcode.js",
  "https://cdn.jsdelivr.net/npm/alpinejs@3.14.3/dist/cdn.min.js": "alpinejs/dist/cdn.min.js",
};

/** Only writes styles, and takes ten seconds of processor time for each load of this page. */
const UNOCSS = "https://cdn.jsdelivr.net/npm/@unocss/runtime";

/**
 * Serves what a page asks of other hosts than this machine: the CDNs' files from the packages, no styles and
 * no fonts. Everything else fails, as it would without a network.
 */
export async function serveCdn(context: BrowserContext): Promise<void> {
  await context.route(
    // The PDF viewer is an extension of the browser's own.
    (url) => url.protocol.startsWith("http") && !LOOPBACK.has(url.hostname),
    async (route) => {
      const url = route.request().url();
      const file = CDN_FILES[url];
      if (file !== undefined) await route.fulfill({ path: join(PACKAGES, file) });
      else if (url === UNOCSS) await route.fulfill({ contentType: "text/javascript", body: "" });
      else if (url.startsWith("https://fonts.googleapis.com/"))
        await route.fulfill({ contentType: "text/css", body: "" });
      else await route.abort();
    },
  );
}
