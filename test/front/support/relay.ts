import { createServer } from "node:http";
import { begin, type Target } from "../../support/http.ts";
import { type Listening, listenOnLoopback } from "../../support/loopback.ts";

/**
 * A server that passes requests on, unchanged but for `Host`, where there is one: an https address needs a name in
 * DNS and a certificate of a public CA, which the proxies of a test do not have, and the emulator finds an API by
 * a name that is in no DNS.
 *
 * @param locate asked for each request
 */
export async function startRelay(locate: () => Target): Promise<Listening> {
  const server = createServer((incoming, response) => {
    const target = locate();
    const { host, ...headers } = incoming.headers;
    const named = { ...headers, host: target.host ?? host };
    const outgoing = begin(target, `${incoming.method} ${incoming.url}`, named);
    outgoing.once("error", () => response.destroy());
    outgoing.once("response", (result) => {
      response.writeHead(result.statusCode ?? 0, result.rawHeaders);
      result.pipe(response);
    });
    incoming.pipe(outgoing);
  });
  return listenOnLoopback(server);
}
