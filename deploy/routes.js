// @ts-check
// The routes that lead to PocketPaw, as data: for the stack, for a laptop, for the smoke test, and for tests.

/**
 * PocketPaw's page and its static files, by route key of an HTTP API: open to everyone. Whole paths and methods:
 * PocketPaw matches its open routes by prefix, so that `/api/v1/oauth/authorize/consent` is open there, and creates a
 * session for anyone. A variable is named after its position: API Gateway responds 409 to two names at one.
 */
export const PAGE_ROUTES = Object.freeze([
  "GET /",
  "GET /favicon.ico",
  "GET /static/{level2}",
  "GET /static/{level2}/{level3}",
  "GET /static/js/{level3}/{level4}",
]);

/**
 * WhatsApp's webhook: verified by GET, called by POST. Not `/api/whatsapp/qr`, which PocketPaw leaves open:
 * the first who scans that QR code becomes the account that the agent obeys.
 */
export const WEBHOOK_ROUTES = Object.freeze(["GET /webhook/whatsapp", "POST /webhook/whatsapp"]);

/**
 * The route key of one of PocketPaw's inbound webhooks. Each has its own, never `{name}`: API Gateway decodes a path
 * before it routes, so that `..%252F..%252Fapi%252F…` is one segment there, and `../../api/…` to a proxy behind it.
 *
 * @param {string} name letters, digits, `_` and `-`
 */
export function inboundWebhookRoute(name) {
  return `POST /webhook/inbound/${name}`;
}

/**
 * The methods of PocketPaw's API. Not `ANY`, which includes OPTIONS: the authorizer would refuse a CORS preflight,
 * which carries no credential.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export const API_METHODS = Object.freeze(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

/** The routes of PocketPaw's API, all behind the authorizer `pawSession`. */
export const API_ROUTES = Object.freeze(API_METHODS.map((method) => `${method} /api/{proxy+}`));

/** PocketPaw's WebSocket. */
export const WEBSOCKET_PATHS = Object.freeze(["/ws", "/v1/ws", "/api/v1/ws"]);

/**
 * The direct paths: what streams, takes longer than 30 s or is larger than 10 MB goes by CloudFront to the proxy in
 * front of PocketPaw, which asks `GET /api/auth/verify`. Patterns of CloudFront (`*`: any characters, or none; case
 * counts), at most 24: a distribution may have 25 behaviors. None captures a path of the gateway's own.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
export const DIRECT_PATHS = Object.freeze([
  ...WEBSOCKET_PATHS,
  "/api/v1/chat",
  "/api/v1/chat/*",
  "/api/v1/pockets/*",
  "/api/v1/events/stream",
  "/api/v1/agent/status/stream",
  "/api/v1/files/*",
  "/api/v1/soul/import*",
  "/api/*extras/install",
  "/api/*backends/install",
  "/api/*skills/install",
  "/api/*mcp/presets/install",
  "/api/*mcp/add",
  "/api/*mcp/test",
  "/api/*mcp/toggle",
  "/api/deep-work/parse-goal",
  "/api/*remote/start",
  "/api/v1/connectors/execute",
]);

/**
 * Headers that replace PocketPaw's own in every proxied response, except on PAGE_ROUTES. PocketPaw reflects parameters
 * unescaped in some responses and serves files that the agent wrote: no script in them may run on the gateway's
 * origin. For the file viewer remain images, media, styles, same-origin frames and PDFs (objects, to a browser).
 *
 * A page of another origin of the same site does not get them as its script, image or style sheet, for which the
 * browser would send the cookie. None becomes a service worker, whose responses no policy restricts: a browser
 * refuses a scope of another origin.
 * https://www.w3.org/TR/CSP3/
 * https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
 * https://www.w3.org/TR/service-workers/#update-algorithm
 */
export const UNTRUSTED_RESPONSE_HEADERS = Object.freeze({
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'none'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "frame-src 'self'",
    "object-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "service-worker-allowed": "https://none.invalid/",
});

/** Removed from the same responses: `frame-ancestors` replaces it, and the file viewer's PDFs are frames. */
export const REMOVED_RESPONSE_HEADERS = Object.freeze(["x-frame-options"]);
