import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";

/** Whether a Host names this machine, with any port: SSH, VS Code and Docker forward other ports to this one. */
export const isLoopbackHost = (host: string) =>
  /^(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?$/i.test(host);

/**
 * Listens on addresses of this machine, each with a server of its own; on port 0: any free one.
 *
 * @returns the port, and what closes the servers and every connection but WebSockets
 * @throws Error that names the port when it is taken on one of the addresses; then nothing listens
 */
export async function listen(hosts: readonly string[], port: number, create: () => Server) {
  const servers: Server[] = [];
  async function close(): Promise<void> {
    for (const server of servers.splice(0)) {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    }
  }
  let chosen = port;
  for (const host of hosts) {
    const server = create().listen({ port: chosen, host, ipv6Only: host === "::1" });
    try {
      await once(server, "listening");
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      // Without IPv6.
      if (["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(code)) continue;
      await close();
      if (code !== "EADDRINUSE") throw error;
      const shown = host === "::1" ? "[::1]" : host;
      throw new Error(
        `Port ${chosen} is taken on ${shown}. To choose another one: npm start -- --httpPort ${chosen + 1}`,
      );
    }
    servers.push(server);
    chosen = (server.address() as AddressInfo).port;
  }
  return { port: chosen, close };
}

/** Reads a body; undefined as soon as it has more bytes than that: the rest can still be read. */
export async function readBody(body: Readable, mostBytes: number) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
