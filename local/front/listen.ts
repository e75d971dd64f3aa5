import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Listens on 127.0.0.1 and ::1, because `localhost` may mean either: if one were free, another user's process could
 * listen there.
 *
 * @param port 0: any free one
 * @param create makes a server for each address
 * @returns the port, and a function that closes the servers and every connection but WebSockets
 * @throws Error that names the port when one of the two is taken; then nothing listens
 */
export async function listenOnLoopback(
  port: number,
  create: () => Server,
): Promise<{ port: number; close: () => Promise<void> }> {
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
  for (const host of ["127.0.0.1", "::1"]) {
    const server = create();
    server.listen({ port: chosen, host, ipv6Only: host === "::1" });
    const error: NodeJS.ErrnoException | undefined = await once(server, "listening").then(
      () => undefined,
      (reason) => reason,
    );
    if (error === undefined) {
      servers.push(server);
      chosen = (server.address() as AddressInfo).port;
    } else if (error.code !== "EADDRNOTAVAIL" && error.code !== "EAFNOSUPPORT") {
      // The two codes mean that this machine has no IPv6.
      await close();
      if (error.code !== "EADDRINUSE") throw error;
      const shown = host === "::1" ? "[::1]" : host;
      throw new Error(
        `Port ${chosen} is taken on ${shown}. To choose another one: npm start -- --httpPort ${chosen + 1}`,
      );
    }
  }
  return { port: chosen, close };
}
