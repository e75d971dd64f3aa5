import { once } from "node:events";
import { createServer } from "node:net";
import { hasCode } from "./has-code.ts";

/**
 * Resolves when nothing listens on an address.
 *
 * @throws Error that names the port and the option that chooses another
 */
export async function assertPortFree(host: string, port: number, option: string): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE")) throw error;
    throw new Error(
      `Port ${port} is taken. To choose another one: npm start -- --${option} ${port + 1}`,
    );
  } finally {
    if (server.listening) {
      server.close();
      await once(server, "close");
    }
  }
}
