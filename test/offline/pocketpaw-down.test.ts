import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { holdClosedPort } from "../support/closed-port.ts";
import { fetchDocumented } from "../support/documented.ts";
import { listenOnLoopback } from "../support/loopback.ts";
import { type Gateway, startGateway } from "../support/offline.ts";
import { rawRequest } from "./raw-request.ts";

let port: number;
let release: () => Promise<void>;
let gateway: Gateway;
let headers: Record<string, string>;
beforeAll(async () => {
  const server = await listenOnLoopback(createServer());
  await server.close();
  port = server.port;
  release = await holdClosedPort(port);
  gateway = await startGateway({ originUrl: server.url });
  headers = { authorization: `Bearer ${gateway.masterToken}` };
});
afterAll(async () => {
  await gateway?.stop();
  await release();
});

test("startup warns of a PocketPaw that is down, and goes on", () => {
  expect(gateway.output()).toContain(
    `Warning: the PocketPaw at http://127.0.0.1:${port} does not respond.`,
  );
});

test.each(["/", "/static/a.js", "/webhook/whatsapp", "/api/x", "/api/v1/x?y=z"])(
  "%s is 503 as at API Gateway while PocketPaw is down",
  async (target) => {
    const { status, body } = await rawRequest(gateway.url, target, { headers });
    expect([status, String(body)]).toEqual([503, '{"message":"Service Unavailable"}']);
  },
);

test("the gateway's own routes respond as ever, and nobody gets in without a credential", async () => {
  const status = async (target: string, options = {}) =>
    (await rawRequest(gateway.url, target, options)).status;
  expect(await status("/healthz")).toBe(200);
  expect(await status("/api/auth/session", { method: "POST", headers })).toBe(200);
  expect(await status("/api/qr", { headers })).toBe(200);
  expect(await status("/api/x")).toBe(403);
});

test("a WebSocket is not opened while PocketPaw is down, and the gateway lives on", async () => {
  const login = await fetchDocumented(`${gateway.url}/api/auth/login`, {
    method: "POST",
    body: JSON.stringify({ token: gateway.masterToken }),
  });
  const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  const upgrade = { connection: "Upgrade", upgrade: "websocket", origin: gateway.url, cookie };
  const opened = rawRequest(gateway.url, "/ws", { headers: upgrade }).then(({ status }) => status);
  expect(await opened.catch(() => "closed")).not.toBe(101);
  expect((await rawRequest(gateway.url, "/healthz")).status).toBe(200);
});

test("a PocketPaw that comes up later is behind the gateway without a new start", async () => {
  await release();
  const server = createServer((_, response) => response.end("content"));
  await once(server.listen(port, "127.0.0.1"), "listening");
  try {
    expect(String((await rawRequest(gateway.url, "/")).body)).toBe("content");
  } finally {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
    release = await holdClosedPort(port);
  }
});
