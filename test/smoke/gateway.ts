import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parse } from "yaml";
import { healthz } from "../../lib/functions/healthz.ts";
import { createPage } from "../../lib/functions/page.ts";
import { startFront } from "../../local/front/front.ts";
import { functionRoutes, pocketPawRoutes } from "../../local/front/routes.ts";
import { openFunctions } from "../support/functions.ts";
import { listenOnLoopback } from "../support/loopback.ts";
import { MASTER_TOKEN, pocketPawToken } from "../support/tokens.ts";

/** The laptop's gateway in this process: its front server and the real functions, over secrets in memory. */
export async function startGateway() {
  const pocketPaw = await startPocketPaw();
  const functions = openFunctions({ hasPocketPaw: true, now: Date.now });
  const { authorizer, verify, session, login, logout, qr, status } = functions;
  const byKey: Readonly<Record<string, (event: never) => Promise<unknown>>> = {
    ...{ authorizer, verify, session, login, logout, qr, "session-status": status, healthz },
    page: createPage({ hasPocketPaw: true }),
  };
  const { functions: definitions } = parse(readFileSync("serverless.yml", "utf8"), {
    merge: true,
    logLevel: "error",
  });
  const front = await startFront({
    port: 0,
    routes: [...functionRoutes(definitions), ...pocketPawRoutes([])],
    invoke: async (key, event) => byKey[key]?.(event as never),
    pocketPaw: new URL(pocketPaw.url),
    cors: false,
    log: () => {},
  });
  const close = () => Promise.all([front.close(), pocketPaw.close()]);
  return { url: new URL(`http://127.0.0.1:${front.port}`), close, pocketPaw };
}

/** What the rows need of PocketPaw; test/dashboard/smoke.test.ts has a real one. */
async function startPocketPaw() {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "", "http://pocketpaw");
    if (pathname === "/") return void reply(response, 200, "<title>", "text/html");
    if (!hasToken(request)) return void reply(response, 401, '{"detail":"Unauthorized"}');
    switch (pathname) {
      case "/api/identity":
        return void reply(response, 200, "{}");
      case "/api/v1/events/stream":
        response.writeHead(200, { "content-type": "text/event-stream" });
        return void response.write("event: connected\ndata: {}\n\n");
      case "/api/v1/files/content":
        return void reply(response, 403, '{"detail":"Access denied"}');
      case "/api/v1/connectors/":
        return void response.writeHead(307, { location: `/api/v1/connectors${search}` }).end();
    }
    const name = decodeURIComponent(pathname.replace(/.*\//, ""));
    reply(response, 404, JSON.stringify({ detail: `Connector '${name}' not found` }));
  });
  server.on("upgrade", (request, socket) => {
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.end(
      hasToken(request)
        ? `HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
        : "HTTP/1.1 403 \r\nContent-Length: 0\r\n\r\n",
    );
  });
  return listenOnLoopback(server);
}

function hasToken({ headers }: IncomingMessage): boolean {
  const [, token, exp = ""] = /^pocketpaw_session=((\d+):\w+)$/.exec(headers.cookie ?? "") ?? [];
  return token === pocketPawToken(MASTER_TOKEN, exp);
}

function reply(response: ServerResponse, status: number, body: string, type = "application/json") {
  response.writeHead(status, { "content-type": type }).end(body);
}
