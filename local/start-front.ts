import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type Front, SECRET_HEADER, startFront } from "./front/front.ts";
import type { StackSettings } from "./pocketpaw.ts";

/** The front server, and the port on 127.0.0.1 that serverless-offline is to listen on. */
export interface StartedFront extends Front {
  readonly innerPort: number;
}

/**
 * Starts the front server before serverless-offline, so that nobody else takes its port.
 *
 * @throws Error for the operator to read when the port is taken
 */
export async function startFrontServer(options: {
  readonly port: number;
  readonly secret: string;
  readonly settings: StackSettings | undefined;
}): Promise<StartedFront> {
  const { port, secret, settings } = options;
  const innerPort = await freePort();
  const front = await startFront({
    port,
    secret,
    inner: new URL(`http://127.0.0.1:${innerPort}`),
    pocketPaw: settings?.originUrl ? new URL(settings.originUrl) : undefined,
    cors: settings?.cors ?? false,
  });
  return { ...front, innerPort };
}

/** Whether a request to serverless-offline comes from the front server. */
export function isFront(headers: Readonly<Record<string, unknown>>, secret: string): boolean {
  const given = headers[SECRET_HEADER];
  if (typeof given !== "string") return false;
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
