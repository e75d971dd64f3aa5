// CloudFront Function for the direct paths, event type viewer request. The proxy in front of PocketPaw asks the
// gateway about each request (GET /api/auth/verify). This function refuses before that what cannot pass, so that a
// flood without a credential reaches neither the proxy nor a Lambda function.
//
// Runtime cloudfront-js-2.0: ECMAScript 5.1 and some of 6 to 12 (no `?.`, no `??`, no spread of objects), no
// modules of our own, 10 KB. No template literals: the framework would resolve them as its variables.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html

// Host and an optional port. A laptop is served over http; CloudFront never sees such a Host.
const LOOPBACK_HOST = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?$/;

// The session token as lib/tokens/formats.ts has it; in a cookie, many libraries encode its colons.
const SESSION_TOKEN = /^session(?::|%3a)([1-9][0-9]{0,14})(?::|%3a)[0-9a-f]{64}$/;

// Chromium sends no Sec-Fetch-Site with a handshake, and `Upgrade` and `Connection` are not in the event.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
const WEBSOCKET_PATHS = ["/ws", "/v1/ws", "/api/v1/ws"];

/**
 * Passes on a request that has a bearer token, or a session cookie that has not ended; or responds 403.
 *
 * @param event with `request`: `method`, `uri`, and `headers`, `cookies`, `querystring`, each an object of
 *   `{value, multiValue}` by name (names of headers in lower case)
 * @returns the request without the parameter `token`, which opens nothing, and which PocketPaw would log; or a
 *   response
 */
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls the global function of this name
function handler(event) {
  const request = event.request;
  const hasBearer = /^bearer +[\x21-\x7e]+ *$/i.test(onlyValue(request.headers.authorization));
  if (request.method === "OPTIONS" || !(hasBearer || isAllowedByCookie(request))) {
    const headers = { "cache-control": { value: "no-store" } };
    return { statusCode: 403, statusDescription: "Forbidden", headers: headers };
  }
  delete request.querystring.token;
  return request;
}

/** Whether the request's cookie may let it in, as lib/auth decides it; the MAC is left to `verify`. */
function isAllowedByCookie(request) {
  const host = onlyValue(request.headers.host).toLowerCase();
  const isLoopback = LOOPBACK_HOST.test(host);
  const isHandshake =
    WEBSOCKET_PATHS.indexOf(request.uri) >= 0 || Boolean(request.headers["sec-websocket-key"]);
  const own = isLoopback
    ? "http://".concat(host.replace(/:80$/, ""))
    : "https://".concat(host.replace(/:443$/, ""));
  const isOwn = !isHandshake || onlyValue(request.headers.origin).toLowerCase() === own;
  // Cookies ignore ports, so that on a laptop a page of another port can set a second one; no page can set a second
  // `__Host-` cookie.
  const name = isLoopback ? "pocketpaw_gateway_session" : "__Host-pocketpaw_session";
  const cookie = request.cookies[name];
  if (host === "" || !isOwn || !cookie || (cookie.multiValue && !isLoopback)) return false;
  return (cookie.multiValue || [cookie]).some((each) => isLive(each.value));
}

/** Whether a text has the shape of a session token that has not ended. */
function isLive(text) {
  const match = SESSION_TOKEN.exec(text.replace(/%3A/g, "%3a"));
  return match !== null && Date.now() < Number(match[1]) * 1000;
}

/** A field's value where the request has the field exactly once; else the empty string. */
function onlyValue(field) {
  return field && !field.multiValue ? field.value : "";
}
