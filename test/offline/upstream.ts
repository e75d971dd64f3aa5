import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { listenOnLoopback } from "../support/loopback.ts";

/** A request as it reached the upstream. */
export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly headers: NodeJS.Dict<string[]>;
}

/** What the upstream responds with at a path; anything else is 200 with the request's own body, or `content`. */
const RESPONSES: Record<string, readonly [status: number, headers: Record<string, string>]> = {
  "/api/redirect": [307, { location: "UPSTREAM/api/there?x=1" }],
  "/api/elsewhere": [302, { location: "https://example.com/login" }],
  "/api/relative": [302, { location: "?page=2" }],
  "/api/hop": [200, { connection: "close, x-private", "x-private": "1" }],
  "/api/cached": [200, { "cache-control": "max-age=60" }],
  "/api/trace": [500, { "content-type": "application/json" }],
};

/** A real HTTP server in PocketPaw's place, which says what reached it. */
export async function startUpstream() {
  const seen: Seen[] = [];
  const record = ({ method = "", url = "", headersDistinct }: IncomingMessage) =>
    void seen.push({ method, target: url, headers: headersDistinct });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = "", headers } = request;
    record(request);
    if (url === "/api/v1/events/stream") return void response.write("data: first\n\n");
    const body = await buffer(request);
    const content = body.length > 0 ? body : "content";
    const [status, { location, ...others }] = RESPONSES[url] ?? [200, {}];
    response.writeHead(status, {
      "set-cookie": "pocketpaw_session=planted",
      "access-control-allow-origin": "*",
      "access-control-allow-credentials": "true",
      "content-security-policy": "script-src *",
      "x-frame-options": "DENY",
      "content-type": "application/octet-stream",
      "content-length": content.length,
      ...others,
      ...(location && { location: location.replace("UPSTREAM", `http://${headers.host}`) }),
    });
    response.end(content);
  }

  const server = createServer((request, response) => void respond(request, response));
  server.on("upgrade", (request, socket) => {
    record(request);
    const accept = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x";
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${accept}\r\nset-cookie: a=1\r\n\r\n`);
    socket.pipe(socket);
  });
  return { ...(await listenOnLoopback(server)), seen };
}
