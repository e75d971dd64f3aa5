import { createServer, type IncomingMessage } from "node:http";
import { type Listening, listenOnLoopback } from "../../support/loopback.ts";

/** A request as the upstream got it. */
export interface Recorded {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
}

/** The response headers of the recorder, as if it were PocketPaw's page. */
export const OWN_CSP = "script-src 'self' cdn.example.com";

/** In PocketPaw's place: responds 200 to everything, 101 to every upgrade, and keeps what it was sent. */
export async function startRecorder(): Promise<Listening & { readonly requests: Recorded[] }> {
  const requests: Recorded[] = [];
  const record = ({ method, url, headers }: IncomingMessage) =>
    requests.push({ line: `${method} ${url}`, headers });
  const server = createServer({ maxHeaderSize: 65_536 }, (incoming, outgoing) => {
    record(incoming);
    outgoing.setHeader("content-security-policy", OWN_CSP);
    incoming.resume().once("end", () => outgoing.end("upstream"));
  });
  server.on("upgrade", (incoming, socket) => {
    record(incoming);
    socket
      .resume()
      .end(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${incoming.headers.upgrade}\r\n\r\n`,
      );
  });
  return { ...(await listenOnLoopback(server)), requests };
}
