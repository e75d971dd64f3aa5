export interface PostResponse {
  readonly status: number;
  readonly body: string;
}

/**
 * Sends a POST over a new connection and reads the whole response. Requests are rare: a connection that is kept
 * alive would be closed by the next, above all in a container that was frozen in between. Not by `fetch`, which
 * refuses some ports that CloudFront and API Gateway connect to. Redirects are not followed.
 * https://fetch.spec.whatwg.org/#port-blocking
 *
 * @param body UTF-8
 * @throws Node's errors of the network, and the signal's reason
 */
export async function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<PostResponse> {
  // Not imported: as an ES module, node:http loads the whole of undici, a third of a cold start.
  const { request } = process.getBuiltinModule(
    url.protocol === "https:" ? "node:https" : "node:http",
  );
  const options = { method: "POST", headers: { ...headers }, agent: false, signal } as const;
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (chunk) => {
          text += chunk;
        })
        .on("end", () => resolve({ status: response.statusCode ?? 0, body: text }))
        .on("error", reject);
    })
      .on("error", reject)
      .end(body);
  });
}
