import { once } from "node:events";
import { createServer as createHttpServer, request } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { connect } from "node:tls";
import { type Listening, listenOnLoopback } from "../../support/loopback.ts";
import type { Target } from "./client.ts";

/** A port in front of a proxy, which can be another proxy later. */
export interface Relay {
  /** The parameter `originUrl` of a gateway: where its proxy can be reached without TLS. */
  readonly originUrl: string;
  /** From now on new connections lead to this proxy. */
  readonly leadTo: (proxy: Target) => void;
  readonly close: () => Promise<void>;
}

/**
 * Passes bytes on, unchanged, to a proxy with TLS: an `https` origin needs a name in DNS and a certificate of a
 * public CA, and the proxies of a test have neither.
 */
export async function startRelay(): Promise<Relay> {
  let proxy: Target | undefined;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: "127.0.0.1", port: proxy?.port, ca: proxy?.ca });
    open.add(client.once("close", () => open.delete(client) && upstream.destroy()));
    upstream.once("close", () => client.destroy());
    for (const socket of [client, upstream]) socket.on("error", () => socket.destroy());
    client.pipe(upstream).pipe(client);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    originUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (target) => {
      proxy = target;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** An address for an API of the emulator, which finds an API by `Host`: *.localhost is in no DNS. */
export async function startApiRelay(emulatorUrl: string, apiId: string): Promise<Listening> {
  const { port } = new URL(emulatorUrl);
  const server = createHttpServer(({ method, url, headers }, response) => {
    const host = `${apiId}.execute-api.localhost`;
    const outgoing = request({ port, method, path: url, headers: { ...headers, host } });
    outgoing.once("error", () => response.destroy());
    outgoing.once("response", (result) => {
      response.writeHead(result.statusCode ?? 0, result.rawHeaders);
      result.pipe(response);
    });
    outgoing.end();
  });
  return listenOnLoopback(server);
}
