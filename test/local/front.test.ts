import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { startFront } from "../../local/front/front.ts";
import { listenOnLoopback } from "../support/loopback.ts";
import { temporaryDirectory } from "./support.ts";

const COOKIE = `pocketpaw_session=4000000000:${"a".repeat(64)}`;
const UPGRADED =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

/** A front server before a PocketPaw that accepts every WebSocket and keeps it open. */
async function startWithWebSockets() {
  const opened: { readonly destroyed: boolean; destroy: () => void }[] = [];
  const upstream = createServer();
  upstream.on("upgrade", (_request, socket) => {
    opened.push(socket);
    socket.on("error", () => undefined);
    socket.on("end", () => socket.destroy());
    socket.resume();
    socket.write(UPGRADED);
  });
  const { url, close } = await listenOnLoopback(upstream);
  onTestFinished(async () => {
    for (const socket of opened) socket.destroy();
    await close();
  });
  const front = await startFront({
    port: 0,
    inner: "/nowhere",
    pocketPaw: new URL(url),
    cors: false,
  });
  return { ...front, opened };
}

function openWebSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const host = `127.0.0.1:${port}`;
    const socket = connect(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", reject);
    socket.on("data", (chunk) => String(chunk).startsWith("HTTP/1.1 101") && resolve(socket));
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nCookie: ${COOKIE}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
  });
}

test.each([
  ["a status that does not exist", "HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n"],
  ["another protocol", UPGRADED],
  ["no HTTP", "hello\r\n\r\n"],
])(
  "a PocketPaw that responds with %s: 503, and the next request passes",
  async (_name, response) => {
    let responses = [response, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"];
    const upstream = createServer((request) => {
      const [next = "", ...rest] = responses;
      responses = rest;
      request.socket.write(next);
    });
    const { url, close } = await listenOnLoopback(upstream);
    onTestFinished(close);
    const inner = createServer((_request, routed) => {
      routed
        .writeHead(200, { "x-front-route": "GET /api/{proxy+}", "x-front-cookie": COOKIE })
        .end();
    });
    const socketPath = join(await temporaryDirectory(), "inner");
    inner.listen(socketPath);
    await once(inner, "listening");
    onTestFinished(() => void inner.close());
    const front = await startFront({
      port: 0,
      inner: socketPath,
      pocketPaw: new URL(url),
      cors: false,
    });
    onTestFinished(front.close);
    const ask = () => fetch(`http://127.0.0.1:${front.port}/api/x`);
    expect((await ask()).status).toBe(503);
    expect(await (await ask()).text()).toBe("ok");
  },
);

test("close ends open WebSockets, on both sides", async () => {
  const { port, close, opened } = await startWithWebSockets();
  const socket = await openWebSocket(port);
  const ended = text(socket).catch(() => "");
  await close();
  await ended;
  await expect.poll(() => opened.every(({ destroyed }) => destroyed)).toBe(true);
});

test("a port that is taken on ::1 alone is taken, and nothing then listens on 127.0.0.1", async ({
  skip,
}) => {
  const other = createServer().listen(0, "::1");
  onTestFinished(() => void other.close());
  const hasIpv6 = await once(other, "listening").then(
    () => true,
    () => false,
  );
  if (!hasIpv6) skip();
  const { port } = other.address() as AddressInfo;
  const options = { port, inner: "/nowhere", pocketPaw: undefined, cors: false as const };
  await expect(startFront(options)).rejects.toThrow(
    `Port ${port} is taken on [::1]. To choose another one: npm start -- --httpPort ${port + 1}`,
  );
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
});

test.each([
  ["GET", "", ""],
  ["POST", "Content-Length: 7\r\n", "content"],
  ["POST", "Transfer-Encoding: chunked\r\n", "7\r\ncontent\r\n0\r\n\r\n"],
])(
  "a %s that offers h2c, as some clients' every request does, is an ordinary one",
  async (method, lines, body) => {
    const bodies: string[] = [];
    const inner = createServer(async (request, response) => {
      bodies.push(await text(request));
      response.end(request.headers.upgrade ?? "plain");
    });
    const socketPath = join(await temporaryDirectory(), "inner.sock");
    await once(inner.listen(socketPath), "listening");
    onTestFinished(() => void inner.close());
    const front = await startFront({
      port: 0,
      inner: socketPath,
      pocketPaw: undefined,
      cors: false,
    });
    onTestFinished(front.close);
    const client = connect(front.port, "127.0.0.1");
    client.write(
      `${method} /x HTTP/1.1\r\nHost: localhost:${front.port}\r\n${lines}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
    );
    // In another packet than the headers.
    client.write(body);
    const response = await text(client);
    expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(response).toMatch(/\r\n\r\nplain$/);
    expect(bodies).toEqual([body === "" ? "" : "content"]);
  },
);
