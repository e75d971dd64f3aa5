import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { listenOnLoopback } from "../support/loopback.ts";

/** A request as it reached the upstream. */
export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly headers: NodeJS.Dict<string[]>;
}

/** A real HTTP server in PocketPaw's place, which says what reached it. */
export async function startUpstream() {
  const seen: Seen[] = [];
  const record = ({ method = "", url = "", headersDistinct }: IncomingMessage) =>
    void seen.push({ method, target: url, headers: headersDistinct });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    record(request);
    const body = await buffer(request);
    switch (request.url?.split("?")[0]) {
      case "/api/cookies":
        response.setHeader("set-cookie", ["a=1; Path=/", 'b={"x":"y, z"}; Path=/']);
        break;
      case "/api/redirect":
        response.statusCode = 307;
        response.setHeader("location", `http://${request.headers.host}/api/there?x=1`);
        break;
      case "/api/elsewhere":
        response.statusCode = 302;
        response.setHeader("location", "https://example.com/login");
        break;
      case "/api/hop":
        response.setHeader("connection", "close, x-private");
        response.setHeader("x-private", "1");
        break;
      case "/api/trace":
        response.statusCode = 500;
        response.setHeader("content-type", "application/json");
        response.end('{"errorType":"Error","stackTrace":["upstream\'s own"]}');
        return;
    }
    response.setHeader("content-security-policy", "script-src *");
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("content-type", "application/octet-stream");
    response.setHeader("x-sha256", createHash("sha256").update(body).digest("hex"));
    const content = body.length > 0 ? body : Buffer.from("content");
    response.setHeader("content-length", content.length);
    response.end(content);
  }

  const server = createServer((request, response) => void respond(request, response));
  server.on("upgrade", (request, socket) => {
    record(request);
    socket.end(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    );
  });
  return { ...(await listenOnLoopback(server)), seen };
}
