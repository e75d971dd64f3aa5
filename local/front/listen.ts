import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { hasCode } from "../has-code.ts";

/**
 * Listens on 127.0.0.1 and ::1, because `localhost` may mean either: if one were free, another user's process could
 * listen there.
 *
 * @param port 0: any free one
 * @param create makes a server for each address
 * @returns the port, and a function that closes the servers and every connection, WebSockets included
 * @throws Error that names the port when one of the two is taken; then nothing listens
 */
export async function listenOnLoopback(
  port: number,
  create: () => Server,
): Promise<{ port: number; close: () => Promise<void> }> {
  const servers: Server[] = [];
  // Node's closeAllConnections does not know those that became a WebSocket.
  const sockets = new Set<Socket>();
  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  }
  async function close(): Promise<void> {
    await Promise.all(
      servers.map(async (server) => {
        const closed = once(server, "close");
        server.close();
        for (const socket of sockets) socket.destroy();
        await closed;
      }),
    );
  }
  let chosen = port;
  for (const host of ["127.0.0.1", "::1"]) {
    const server = create().on("connection", keep);
    try {
      server.listen({ port: chosen, host, ipv6Only: host === "::1" });
      await once(server, "listening");
      servers.push(server);
      chosen = (server.address() as AddressInfo).port;
    } catch (error) {
      // No IPv6 on this machine.
      if (hasCode(error, "EADDRNOTAVAIL") || hasCode(error, "EAFNOSUPPORT")) continue;
      await close();
      if (!hasCode(error, "EADDRINUSE")) throw error;
      const shown = host === "::1" ? "[::1]" : host;
      throw new Error(
        `Port ${chosen} is taken on ${shown}. To choose another one: npm start -- --httpPort ${chosen + 1}`,
      );
    }
  }
  return { port: chosen, close };
}
