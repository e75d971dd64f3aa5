import { createServer, type RequestListener } from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { createSend } from "../../smoke/client.ts";
import { openGateway } from "../../smoke/gateway.ts";
import { type Listening, listenOnLoopback } from "../support/loopback.ts";

let server: Listening | undefined;
afterEach(() => {
  vi.unstubAllEnvs();
  return server?.close();
});

/** A client of a server that responds so. */
async function clientOf(respond: RequestListener, limitMilliseconds?: number) {
  server = await listenOnLoopback(createServer(respond));
  return createSend(new URL(server.url), undefined, limitMilliseconds);
}

test.each<[string, RequestListener]>([
  ["at all", () => {}],
  ["to the end", (_, response) => void response.write("{")],
])("a server that does not respond %s in time gives no response", async (_, respond) => {
  const send = await clientOf(respond, 100);
  await expect(send("GET /")).rejects.toThrow("there was no whole response in time");
});

test("a body without an end gives no response", async () => {
  const send = await clientOf((_, response) => void response.end(Buffer.alloc(5 * 1024 * 1024)));
  await expect(send("GET /")).rejects.toThrow("its body is over 4 MB");
});

test("a target goes out as it stands, and a redirect is not followed", async () => {
  const targets: (string | undefined)[] = [];
  const send = await clientOf((request, response) => {
    targets.push(request.url);
    response.writeHead(307, { location: "/elsewhere" }).end();
  });
  expect((await send("POST //a/../b%2Fc//?x=%zz {}")).status).toBe(307);
  expect(targets).toEqual(["//a/../b%2Fc//?x=%zz"]);
});

test("a name under localhost is this machine", async () => {
  await clientOf((request, response) => void response.end(request.headers.host));
  const url = new URL(server?.url.replace("127.0.0.1", "api.execute-api.localhost") ?? "");
  expect(String((await createSend(url)("GET /")).body)).toBe(url.host);
});

test("https where there is no TLS, and a proxy that refuses, are called so", async () => {
  await clientOf((_, response) => void response.end());
  const sent = (url = "") => createSend(new URL(url))("GET /");
  await expect(sent(server?.url.replace("http:", "https:"))).rejects.toThrow("TLS failed");
  vi.stubEnv("HTTPS_PROXY", server?.url);
  await expect(sent("https://paw.example.com")).rejects.toThrow("the proxy of HTTPS_PROXY: ");
});

const DETAIL = '{"detail":"Invalid master token"}';
test.each<[string, number, string, string]>([
  ["a page", 200, "<title>Hello</title>", "does not respond as the gateway does"],
  ["a redirect", 302, "", "does not respond as the gateway does"],
  ["another API", 401, '{"message":"Unauthorized"}', "does not respond as the gateway does"],
  ["PocketPaw itself", 401, DETAIL, "this is PocketPaw, not the gateway"],
])("%s does not get the master token", async (_, status, body, message) => {
  const seen: string[] = [];
  await clientOf(async (request, response) => {
    seen.push(String(request.rawHeaders), ...(await request.toArray()).map(String));
    response.writeHead(status, { location: "/" }).end(body);
  });
  const opened = openGateway(new URL(server?.url ?? ""), "the master token");
  await expect(opened).rejects.toThrow(message);
  expect(seen.join()).not.toContain("the master token");
});
