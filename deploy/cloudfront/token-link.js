// CloudFront Function for everything but the direct paths, event type viewer request: a link with a token,
// `GET /?token=<t>`, leads to the gateway's page, with the token in the fragment. Else PocketPaw's page would store
// the token and send it as `Referer` of its files.
//
// Runtime cloudfront-js-2.0; what it is, and the event: direct.js.

/** Redirects a link with a token, whose value is still percent-encoded; passes on every other request. */
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls the global function of this name
function handler(event) {
  const request = event.request;
  const token = request.querystring.token;
  if (request.method !== "GET" || request.uri !== "/" || !token || token.value === "") {
    return request;
  }
  const headers = {
    location: { value: "/gateway#".concat(token.value) },
    "cache-control": { value: "no-store" },
    "referrer-policy": { value: "no-referrer" },
  };
  return { statusCode: 302, statusDescription: "Found", headers: headers };
}
