import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type SecureContextOptions, TLSSocket } from "node:tls";
import type { Certificate } from "../../support/certificate.ts";
import { type Listening, listenOnLoopback } from "../../support/loopback.ts";

/** A request as the server got it. */
export interface Recorded {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly httpVersion: string;
  /** The name that the client asked for in the TLS handshake. */
  readonly serverName: string | false | null;
}

export interface Answer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** What it waits for: before it responds, or, where it streams, between the first bytes and the last. */
  readonly wait?: () => Promise<unknown>;
  readonly isStreamed?: boolean;
}

export interface Recorder extends Listening {
  readonly requests: Recorded[];
  /** The line of the newest request, also where its body is still to come. */
  readonly begun: () => string | undefined;
  /** What it responds to everything from now on. */
  answer: Answer | "nothing";
}

/** The policy of the recorder, as if it were PocketPaw's page. */
export const OWN_CSP = "script-src 'self' cdn.example.com";

/**
 * A server in PocketPaw's or in the API's place: it keeps what it was sent, and responds 101 to every upgrade.
 *
 * @param certificate its own, where it speaks TLS
 */
export async function startRecorder(
  certificate?: Pick<Certificate, "certFile" | "keyFile">,
  options: SecureContextOptions = {},
): Promise<Recorder> {
  const requests: Recorded[] = [];
  let begun: string | undefined;
  const server =
    certificate === undefined
      ? createServer({ maxHeaderSize: 65_536 })
      : createTlsServer({
          ...options,
          cert: readFileSync(certificate.certFile),
          key: readFileSync(certificate.keyFile),
        });
  const record = (incoming: IncomingMessage, body: string) => {
    const { method, url, headers, httpVersion, socket } = incoming;
    const serverName = socket instanceof TLSSocket ? (socket.servername ?? null) : null;
    requests.push({ line: `${method} ${url}`, headers, body, httpVersion, serverName });
  };
  const recorder: Recorder = {
    ...(await listenOnLoopback(server)),
    requests,
    begun: () => begun,
    answer: { status: 200, headers: { "content-security-policy": OWN_CSP } },
  };
  server.on("request", async (incoming, outgoing) => {
    begun = `${incoming.method} ${incoming.url}`;
    const chunks: Buffer[] = await incoming.toArray().catch(() => []);
    record(incoming, Buffer.concat(chunks).toString("latin1"));
    const { answer } = recorder;
    if (answer === "nothing") return;
    if (!answer.isStreamed) await answer.wait?.();
    outgoing.writeHead(answer.status, answer.headers);
    if (answer.isStreamed) {
      outgoing.write("first ");
      await answer.wait?.();
    }
    outgoing.end(answer.status === 204 ? undefined : "upstream");
  });
  server.on("upgrade", (incoming, socket) => {
    record(incoming, "");
    socket
      .resume()
      .end(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${incoming.headers.upgrade}\r\n\r\n`,
      );
  });
  return recorder;
}
