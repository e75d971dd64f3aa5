import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parse } from "yaml";
import { healthz } from "../../lib/functions/healthz.ts";
import { createPage } from "../../lib/functions/page.ts";
import { startFront } from "../../local/front/front.ts";
import { functionRoutes, pocketPawRoutes } from "../../local/front/routes.ts";
import { openFunctions } from "../support/functions.ts";
import { type Listening, listenOnLoopback } from "../support/loopback.ts";

/** The laptop's gateway in this process: its front server and the real functions, over secrets in memory. */
export async function startGateway(behind?: Listening) {
  const pocketPaw = behind ?? (await startPocketPaw());
  const { status, ...functions } = openFunctions({ hasPocketPaw: true, now: Date.now });
  const page = createPage({ hasPocketPaw: true });
  const byKey = new Map<string, unknown>(
    Object.entries({ ...functions, "session-status": status, healthz, page }),
  );
  const yaml = readFileSync("serverless.yml", "utf8");
  const { functions: definitions } = parse(yaml, { merge: true, logLevel: "error" });
  const front = await startFront({
    port: 0,
    routes: [...functionRoutes(definitions), ...pocketPawRoutes([])],
    invoke: async (key, event) => (byKey.get(key) as (event: unknown) => Promise<unknown>)(event),
    pocketPaw: new URL(pocketPaw.url),
    cors: false,
    log: () => {},
  });
  const close = () => Promise.all([front.close(), pocketPaw.close()]);
  return { url: new URL(`http://127.0.0.1:${front.port}`), close, pocketPaw };
}

/** The answer to the key of RFC 6455's example (section 1.3), which the rows send. */
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const JSON_TYPE = "application/json";
/** What PocketPaw responds to whom it accepts, as far as rows ask. test/dashboard/regeneration.test.ts has a real one. */
const RESPONSES: Readonly<Record<string, readonly [status: number, type: string, body: string]>> = {
  "/": [200, "text/html", "<title>"],
  "/api/identity": [200, JSON_TYPE, "{}"],
  "/api/v1/events/stream": [200, "text/event-stream", "event: connected\ndata: {}\n\n"],
  "/api/v1/files/content": [403, JSON_TYPE, '{"detail":"Access denied"}'],
  "/api/v1/connectors/": [307, JSON_TYPE, ""],
  "/api/v1/connectors/smoke%20test": [404, JSON_TYPE, `{"detail":"'smoke test' not found"}`],
};

async function startPocketPaw() {
  const server = createServer((request, response) => {
    const [path = "", query = ""] = request.url?.split("?") ?? [];
    const [status, type, body] = RESPONSES[path] ?? [404, JSON_TYPE, '{"detail":"Not Found"}'];
    response.writeHead(status, { "content-type": type, location: `/there?${query}` }).end(body);
  });
  const upgrade = "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: websocket";
  server.on("upgrade", (_, socket) => {
    socket.end(`${upgrade}\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`);
  });
  return listenOnLoopback(server);
}
