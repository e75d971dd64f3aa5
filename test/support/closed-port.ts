import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/**
 * Keeps a loopback port that nothing listens on any more, so that connections to it are refused and
 * no other process gets it: it is one end of a connection to another server.
 *
 * @returns what gives the port up
 */
export async function holdClosedPort(port: number): Promise<() => Promise<void>> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect({
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    localAddress: "127.0.0.1",
    localPort: port,
  });
  await once(socket, "connect");
  return async () => {
    socket.destroy();
    server.close();
    await once(server, "close");
  };
}
