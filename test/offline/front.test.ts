import { once } from "node:events";
import { connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/offline.ts";
import { rawRequest } from "./raw-request.ts";

const NAMED_ORIGIN = "https://dash.example.com";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ corsOrigins: NAMED_ORIGIN });
});
afterAll(() => gateway?.stop());

function session(headers: Record<string, string> = {}) {
  const authorization = `Bearer ${gateway.masterToken}`;
  return rawRequest(gateway.url, "/api/auth/session", { headers: { authorization, ...headers } });
}

function corsHeaders(headers: object): string[] {
  return Object.keys(headers).filter((name) => name.startsWith("access-control-"));
}

describe("the Host", () => {
  test.each(["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])(
    "%s with the port passes",
    async (host) => {
      expect((await session({ host: `${host}:${new URL(gateway.url).port}` })).status).toBe(200);
    },
  );

  test.each([
    "evil.example",
    "localhost.evil.example",
    "evil.example:8000",
    "127.0.0.1.nip.io",
    "localhost:1",
    "localhost",
    "0.0.0.0",
    "user@localhost",
  ])("%j is refused, with a message that names what is allowed", async (host) => {
    const { port } = new URL(gateway.url);
    const { status, body } = await session({ host });
    expect(status).toBe(403);
    expect(JSON.parse(String(body)).message).toContain(`allowed: localhost:${port}`);
  });

  test.each([
    ["twice", (host: string) => `Host: ${host}\r\nHost: ${host}\r\n`],
    ["empty", () => "Host:\r\n"],
    ["absent", () => ""],
  ])("%s is refused", async (_, lines) => {
    const { hostname, port, host } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET /healthz HTTP/1.1\r\n${lines(host)}Connection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 4/);
  });
});

describe("CORS", () => {
  test.each([
    "https://evil.example",
    "null",
    "http://localhost:1",
    "https://dash.example.com.evil",
  ])("a page of %s gets no CORS header, from a response or a preflight", async (origin) => {
    expect(corsHeaders((await session({ origin })).headers)).toEqual([]);
    const preflight = await rawRequest(gateway.url, "/api/auth/session", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
    expect(corsHeaders(preflight.headers)).toEqual([]);
  });

  test("a page named in corsOrigins gets them, with credentials, also with an error", async () => {
    for (const path of ["/api/auth/session", "/healthz", "/nowhere"]) {
      const { headers } = await rawRequest(gateway.url, path, {
        headers: { origin: NAMED_ORIGIN },
      });
      expect(headers["access-control-allow-origin"]).toEqual([NAMED_ORIGIN]);
      expect(headers["access-control-allow-credentials"]).toEqual(["true"]);
    }
  });

  test("its preflight is responded to from the stack's settings", async () => {
    const { status, headers } = await rawRequest(gateway.url, "/api/anything", {
      method: "OPTIONS",
      headers: { origin: NAMED_ORIGIN, "access-control-request-method": "POST" },
    });
    expect(status).toBe(204);
    expect(headers["access-control-allow-origin"]).toEqual([NAMED_ORIGIN]);
    expect(headers["access-control-allow-headers"]?.[0]).toContain("authorization");
    expect(headers["access-control-allow-methods"]?.[0]).toContain("POST");
  });
});

describe("a client", () => {
  test("cannot change what the authorizer found", async () => {
    const { body } = await session({
      "sls-offline-authorizer-override": '{"lambda":{"method":"session","expiresAt":"9"}}',
    });
    expect(JSON.parse(String(body))).toMatchObject({ method: "master", expires_at: null });
  });

  test.each([
    'prefs={"theme":"dark","n":1}',
    "a b=1",
    '"=1',
    'x="',
    "x=1; x=2",
    "=; ;;",
    "näme=wert",
    "x=a,b\\c",
    "__proto__=1",
  ])("with the cookie %j of another dev server is not disturbed", async (cookie) => {
    expect((await session({ cookie: Buffer.from(cookie).toString("latin1") })).status).toBe(200);
  });

  test.each([
    ["GET", "/nowhere"],
    ["POST", "/healthz"],
    ["OPTIONS", "/.."],
    ["GET", "/api/../healthz"],
    ["GET", "http://evil.example/healthz"],
  ])("gets a short JSON message for %s %s, and no list of routes", async (method, target) => {
    const { status, body } = await rawRequest(gateway.url, target, { method });
    expect([400, 404]).toContain(status);
    expect(Object.keys(JSON.parse(String(body)))).toEqual(["message"]);
  });
});

test("the gateway holds its port on ::1 too, where there is IPv6", async ({ skip }) => {
  const { port } = new URL(gateway.url);
  const probe = createServer().listen(0, "::1");
  const hasIpv6 = await once(probe, "listening").then(
    () => true,
    () => false,
  );
  probe.close();
  if (!hasIpv6) skip();
  expect((await fetch(`http://[::1]:${port}/healthz`)).status).toBe(200);
  const other = createServer().listen({ port: Number(port), host: "::1" });
  const [error] = await once(other, "error");
  expect(error).toMatchObject({ code: "EADDRINUSE" });
});
