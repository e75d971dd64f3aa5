import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { parse } from "yaml";
import { healthz } from "../../lib/functions/healthz.ts";
import { createPage } from "../../lib/functions/page.ts";
import { startFront } from "../../local/front/front.ts";
import { functionRoutes, pocketPawRoutes } from "../../local/front/routes.ts";
import { openFunctions } from "../support/functions.ts";
import { type Listening, listenOnLoopback } from "../support/loopback.ts";
import { MASTER_TOKEN, pocketPawToken } from "../support/tokens.ts";

/** The laptop's gateway in this process: its front server and the real functions, over secrets in memory. */
export async function startGateway(behind?: Listening) {
  const pocketPaw = behind ?? (await startPocketPaw());
  const { status, ...functions } = openFunctions({ hasPocketPaw: true, now: Date.now });
  const page = createPage({ hasPocketPaw: true });
  const byKey: Readonly<Record<string, unknown>> = {
    ...{ ...functions, "session-status": status, healthz, page },
  };
  const { functions: definitions } = parse(readFileSync("serverless.yml", "utf8"), {
    merge: true,
    logLevel: "error",
  });
  const front = await startFront({
    port: 0,
    routes: [...functionRoutes(definitions), ...pocketPawRoutes([])],
    invoke: async (key, event) => (byKey[key] as (event: unknown) => Promise<unknown>)(event),
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
/** What the rows need of PocketPaw; anything else is 404. test/dashboard/smoke.test.ts has a real one. */
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
    const [status, type, body] =
      path === "/" || hasToken(request)
        ? (RESPONSES[path] ?? [404, JSON_TYPE, '{"detail":"Not Found"}'])
        : [401, JSON_TYPE, '{"detail":"Unauthorized"}'];
    response.writeHead(status, { "content-type": type, location: `/there?${query}` }).end(body);
  });
  server.on("upgrade", (request, socket) => {
    const status = hasToken(request) ? 101 : 403;
    const headers = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${ACCEPT}`;
    socket.end(`HTTP/1.1 ${status} \r\n${headers}\r\n\r\n`);
  });
  return listenOnLoopback(server);
}

function hasToken({ headers }: IncomingMessage): boolean {
  const [, token, exp = ""] = /^pocketpaw_session=((\d+):\w+)$/.exec(headers.cookie ?? "") ?? [];
  return token === pocketPawToken(MASTER_TOKEN, exp);
}
