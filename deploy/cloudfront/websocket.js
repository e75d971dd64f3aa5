// CloudFront Function for the three WebSocket paths, event type viewer request. PocketPaw's own check of the
// token follows; but PocketPaw does not look at Origin, and accepts API keys of any scope in many places. So
// this function passes on only the gateway's own page with the cookie that the gateway issues, and nothing
// else that PocketPaw could take for a credential.
//
// Runtime cloudfront-js-2.0: ECMAScript 5.1 and some of 6 to 12 (no `?.`, no `??`, no spread of objects), no
// modules of our own, 10 KB.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html

// CloudFront normalizes a path to find its behavior, and sends it to the origin as it came: `/a/../ws` finds
// the behavior of `/ws`.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
const PATHS = ["/ws", "/v1/ws", "/api/v1/ws"];

// Host and an optional port. A laptop is served over http; CloudFront never sees such a Host.
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?$/;

// The PocketPaw token, `<exp>:<mac>`, as in lib/tokens/formats.ts.
const POCKETPAW_TOKEN = /^[1-9][0-9]{0,14}:[0-9a-f]{64}$/;

/**
 * Passes on a WebSocket handshake of the gateway's own page, or responds 403.
 *
 * `Upgrade` and `Connection` are not in the event, and the values of a query string are in it as they came,
 * still percent-encoded. The proxy in front of PocketPaw checks that the request is a WebSocket handshake.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
 *
 * @param event with `request`: `method`, `uri`, and `headers`, `cookies`, `querystring`, each an object of
 *   `{value, multiValue}` by name (names of headers in lower case)
 * @returns the request with one cookie, at most the parameter `resume_session`, and without `Authorization`
 *   and `Sec-WebSocket-Protocol`; or a response
 */
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls the global function of this name
function handler(event) {
  const request = event.request;
  const token = onlyValue(request.cookies.pocketpaw_session);
  if (
    request.method !== "GET" ||
    PATHS.indexOf(request.uri) < 0 ||
    !isOwnOrigin(request.headers) ||
    !POCKETPAW_TOKEN.test(token)
  ) {
    return {
      statusCode: 403,
      statusDescription: "Forbidden",
      headers: { "cache-control": { value: "no-store" } },
    };
  }
  const resume = request.querystring.resume_session;
  request.querystring = resume ? { resume_session: resume } : {};
  request.cookies = { pocketpaw_session: { value: token } };
  delete request.headers.authorization;
  delete request.headers["sec-websocket-protocol"];
  return request;
}

/** Whether the page is of the host that it connects to. A browser sets both headers; a page can set neither. */
function isOwnOrigin(headers) {
  const host = onlyValue(headers.host).toLowerCase();
  const scheme = LOOPBACK_HOST.test(host) ? "http" : "https";
  return host !== "" && onlyValue(headers.origin).toLowerCase() === `${scheme}://${host}`;
}

/** A field's value where the request has the field exactly once; else the empty string. */
function onlyValue(field) {
  return field && !field.multiValue ? field.value : "";
}
