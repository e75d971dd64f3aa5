import { createServer, type RequestListener } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { createSend } from "../../smoke/client.ts";
import { openGateway } from "../../smoke/gateway.ts";
import { listenOnLoopback } from "../support/loopback.ts";

/** Where a server that responds so is. */
async function serve(respond: RequestListener): Promise<URL> {
  const { url, close } = await listenOnLoopback(createServer(respond));
  onTestFinished(close);
  return new URL(url);
}

test.each<[string, RequestListener]>([
  ["at all", () => {}],
  ["to the end", (_, response) => void response.write("{")],
])("a server that does not respond %s in time gives no response", async (_, respond) => {
  const send = createSend(await serve(respond), undefined, 100);
  await expect(send("GET /")).rejects.toThrow("there was no whole response in time");
});

test("a body without an end gives no response", async () => {
  const url = await serve((_, response) => void response.end(Buffer.alloc(5 * 1024 * 1024)));
  await expect(createSend(url)("GET /")).rejects.toThrow("its body is over 4 MB");
});

test("a target goes out as it stands, and a redirect is not followed", async () => {
  const targets: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    targets.push(request.url);
    response.writeHead(307, { location: "/elsewhere" }).end();
  });
  expect((await createSend(url)("POST //a/../b%2Fc//?x=%zz {}")).status).toBe(307);
  expect(targets).toEqual(["//a/../b%2Fc//?x=%zz"]);
});

test("a refused handshake's connection is not used again", async () => {
  const server = createServer((_, response) => void response.end());
  server.on("upgrade", (_, socket) => {
    socket.on("data", () => socket.destroy());
    onTestFinished(() => void socket.destroy());
    socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  });
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(close);
  const send = createSend(new URL(url));
  const handshake = { connection: "Upgrade", upgrade: "websocket" };
  expect((await send("GET /ws", handshake)).status).toBe(403);
  expect((await send("GET /")).status).toBe(200);
});

test("a name under localhost is this machine", async () => {
  const url = await serve((request, response) => void response.end(request.headers.host));
  url.hostname = "api.execute-api.localhost";
  expect(String((await createSend(url)("GET /")).body)).toBe(url.host);
});

test("https where there is no TLS, and a proxy that refuses, are called so", async () => {
  const url = await serve((_, response) => void response.end());
  const secure = new URL(url.href.replace("http:", "https:"));
  await expect(createSend(secure)("GET /")).rejects.toThrow("TLS failed");
  vi.stubEnv("HTTPS_PROXY", url.origin);
  onTestFinished(() => void vi.unstubAllEnvs());
  const sent = createSend(new URL("https://paw.example.com"))("GET /");
  await expect(sent).rejects.toThrow("the proxy of HTTPS_PROXY: ");
});

const DETAIL = '{"detail":"Invalid master token"}';
test.each<[string, number, string, string]>([
  ["a page", 200, "<title>Hello</title>", "does not respond as the gateway does"],
  ["a redirect", 302, "", "does not respond as the gateway does"],
  ["another API", 401, '{"message":"Unauthorized"}', "does not respond as the gateway does"],
  ["PocketPaw itself", 401, DETAIL, "this is PocketPaw, not the gateway"],
])("%s does not get the master token", async (_, status, body, message) => {
  const seen: string[] = [];
  const url = await serve(async (request, response) => {
    seen.push(String(request.rawHeaders), ...(await request.toArray()).map(String));
    response.writeHead(status, { location: "/" }).end(body);
  });
  await expect(openGateway(url, "the master token")).rejects.toThrow(message);
  expect(seen.join()).not.toContain("the master token");
});
