import { createServer, type OutgoingHttpHeaders } from "node:http";
import { type Listening, listenOnLoopback } from "../../support/loopback.ts";
import { begin, type Target } from "./client.ts";

/**
 * A server that passes requests on, unchanged but for `Host`, where there is one: an https address needs a name in
 * DNS and a certificate of a public CA, which the proxies of a test do not have, and the emulator finds an API by
 * a name that is in no DNS.
 *
 * @param locate asked for each request
 */
export async function startRelay(
  locate: () => Target & { readonly host?: string },
): Promise<Listening> {
  const server = createServer((incoming, response) => {
    const { host, ...target } = locate();
    const { method, url: path } = incoming;
    const headers: OutgoingHttpHeaders = { ...incoming.headers, ...(host && { host }) };
    const outgoing = begin(target, { method, path, headers });
    outgoing.once("error", () => response.destroy());
    outgoing.once("response", (result) => {
      response.writeHead(result.statusCode ?? 0, result.rawHeaders);
      result.pipe(response);
    });
    incoming.pipe(outgoing);
  });
  return listenOnLoopback(server);
}
