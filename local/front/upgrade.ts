import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { ProxyServer } from "httpxy";
import { refusalOf } from "./guard.ts";
import { forwardedHeaders, withoutHeaders } from "./headers.ts";
import { loadHandshakeRules } from "./web-socket.ts";

const HANDSHAKE_RULES = join(import.meta.dirname, "../../deploy/cloudfront/websocket.js");
const HANDSHAKE_LIMIT_MILLISECONDS = 30_000;
const FORBIDDEN = "HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/**
 * Handles a server's requests with the header `Upgrade`: WebSocket handshakes go to PocketPaw by the rules of the
 * stack's CloudFront Function. Any other protocol is ignored (RFC 9110, section 7.8), since some HTTP clients offer
 * h2c with every request.
 *
 * @param pocketPaw undefined: no WebSocket is opened
 * @param port returns the port that the server listens on
 * @returns what adds the handler to a server
 */
export function upgradeHandler(
  pocketPaw: URL | undefined,
  port: () => number,
): (server: Server) => void {
  const decide = loadHandshakeRules(HANDSHAKE_RULES);
  const proxy = new ProxyServer({ xfwd: false, changeOrigin: true });
  proxy.on("error", (_error, _request, socket) => void socket?.destroy());
  proxy.on("proxyReqWs", (outgoing, _request, socket) => {
    outgoing.on("upgrade", (_response, upstream) => {
      socket.once("close", () => upstream.destroy());
    });
  });

  function open(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const passed = refusalOf(request, port()) === undefined ? decide(request) : undefined;
    if (pocketPaw === undefined || passed === undefined) {
      socket.end(FORBIDDEN);
      return;
    }
    const clean = forwardedHeaders(
      Object.entries(passed.headers).flat(),
      request.socket.remoteAddress ?? "127.0.0.1",
    );
    request.url = passed.target;
    request.headers = { connection: "Upgrade", upgrade: "websocket" };
    for (let at = 0; at < clean.length; at += 2) {
      request.headers[(clean[at] ?? "").toLowerCase()] = clean[at + 1];
    }
    const target = { target: pocketPaw, upgradeTimeout: HANDSHAKE_LIMIT_MILLISECONDS };
    proxy.ws(request, socket, target, head).catch(() => socket.destroy());
  }

  return (server) => {
    server.on("upgrade", (request, duplex, head) => {
      const socket = duplex as Socket;
      socket.on("error", () => socket.destroy());
      if (request.headers.upgrade?.toLowerCase() === "websocket") open(request, socket, head);
      else readAgain(server, request, socket, head);
    });
  };
}

/** Lets a server read a request again from its start, without the offer of another protocol. */
function readAgain(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const kept = withoutHeaders(request.rawHeaders, ["upgrade", "connection", "http2-settings"]);
  const lines = [`${request.method} ${request.url} HTTP/1.1`, "Connection: close"];
  for (let at = 0; at < kept.length; at += 2) lines.push(`${kept[at]}: ${kept[at + 1]}`);
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit("connection", socket);
}
