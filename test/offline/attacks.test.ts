import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fetchDocumented } from "../support/documented.ts";
import { type Gateway, startGateway } from "../support/offline.ts";
import { rawRequest } from "./raw-request.ts";
import { startUpstream } from "./upstream.ts";

const NAMED_ORIGIN = "https://dash.example.com";
const OVER_THE_LIMIT = Buffer.alloc(10 * 1024 * 1024 + 1);

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let gateway: Gateway;
let cookie = "";
beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({ originUrl: upstream.url, corsOrigins: NAMED_ORIGIN });
  const login = await fetchDocumented(`${gateway.url}/api/auth/login`, {
    method: "POST",
    body: JSON.stringify({ token: gateway.masterToken }),
  });
  cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
});
afterAll(async () => {
  await gateway?.stop();
  await upstream?.close();
});
beforeEach(() => void upstream.seen.splice(0));

type Options = NonNullable<Parameters<typeof rawRequest>[2]>;

describe("a web page of another origin", () => {
  /** A request for each kind of response, by its status and the part that makes it. */
  const RESPONSES: [string, number, string, Options?][] = [
    ["a function", 200, "/healthz"],
    ["the exchange", 401, "/api/auth/session", { method: "POST" }],
    ["the authorizer", 403, "/api/auth/session"],
    ["the front server", 400, "/api/../healthz"],
    ["the front server", 413, "/api/x", { method: "POST", body: OVER_THE_LIMIT }],
    ["serverless-offline", 404, "/nowhere"],
    ["PocketPaw's page", 200, "/"],
    ["PocketPaw's webhook", 200, "/webhook/whatsapp"],
    ["a preflight of a function", 204, "/api/auth/login", { method: "OPTIONS" }],
    ["a preflight of PocketPaw", 204, "/api/x", { method: "OPTIONS" }],
    ["a preflight of nothing", 204, "/nowhere", { method: "OPTIONS" }],
  ];

  function allowedOrigin(origin: string, target: string, { headers, ...options }: Options = {}) {
    return rawRequest(gateway.url, target, { ...options, headers: { origin, ...headers } });
  }

  test.each(RESPONSES)("reads no response of %s: %i %s", async (_, status, target, options) => {
    for (const origin of ["https://evil.example", "null", "http://localhost:1"]) {
      const response = await allowedOrigin(origin, target, options);
      expect(response.status).toBe(status);
      const names = Object.keys(response.headers).filter((name) => name.startsWith("access-"));
      expect(names).toEqual([]);
    }
  });

  test.each(RESPONSES)(
    "named in corsOrigins reads %s: %i %s",
    async (_, _status, target, options) => {
      const { headers } = await allowedOrigin(NAMED_ORIGIN, target, options);
      expect(headers["access-control-allow-origin"]).toEqual([NAMED_ORIGIN]);
      expect(headers["access-control-allow-credentials"]).toEqual(["true"]);
    },
  );

  test("reads nothing of PocketPaw with a credential that it knows, nor of a WebSocket", async () => {
    const headers = { authorization: `Bearer ${gateway.masterToken}` };
    const read = await allowedOrigin("https://evil.example", "/api/x", { headers });
    expect(read.status).toBe(200);
    expect(read.headers).not.toHaveProperty("access-control-allow-origin");
    const upgrade = { connection: "Upgrade", upgrade: "websocket", cookie };
    const socket = await allowedOrigin("https://evil.example", "/ws", { headers: upgrade });
    expect(socket.status).toBe(403);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("cannot %s with the cookie", async (method) => {
    const headers = { cookie, "content-type": "text/plain" };
    const response = await allowedOrigin("http://localhost:1", "/api/x", { method, headers });
    expect(response.status).toBe(403);
    expect(upstream.seen).toEqual([]);
  });
});

describe("a client's header does not change what the authorizer found:", () => {
  const OVERRIDE = JSON.stringify({ lambda: { method: "session", expiresAt: "9" } });
  const CLAIMS = Buffer.from('{"method":"session","sub":"root"}').toString("base64url");
  test.each([
    ["sls-offline-authorizer-override", OVERRIDE],
    ["SLS-Offline-Authorizer-Override", OVERRIDE],
    ["cognito-identity-id", "root"],
    ["Cognito-Authentication-Provider", "root"],
    ["Authorization", `Bearer eyJhbGciOiJub25lIn0.${CLAIMS}.`],
  ])("%s", async (name, value) => {
    const { body } = await rawRequest(
      gateway.url,
      `/api/auth/session?token=${gateway.masterToken}`,
      { headers: { [name]: [value, value] } },
    );
    expect(JSON.parse(String(body))).toMatchObject({ method: "master", expires_at: null });
  });

  test("without a credential it lets nobody in", async () => {
    const headers = { "sls-offline-authorizer-override": OVERRIDE };
    expect((await rawRequest(gateway.url, "/api/auth/session", { headers })).status).toBe(403);
  });
});

describe("a client cannot name the route that was matched:", () => {
  test.each(["x-front-route", "X-Front-Route", "X-FRONT-ROUTE"])("%s", async (name) => {
    const headers = { [name]: "GET /api/{proxy+}", "x-front-cookie": "pocketpaw_session=1:2" };
    const { body } = await rawRequest(gateway.url, "/healthz", { headers });
    expect(JSON.parse(String(body))).toEqual({ ok: true });
    expect(upstream.seen).toEqual([]);
  });
});

describe("one request stays one:", () => {
  const body = "GET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  test.each([
    ["two lengths", "Content-Length: 0\r\nContent-Length: 41\r\n"],
    ["a length and chunks", "Content-Length: 41\r\nTransfer-Encoding: chunked\r\n"],
    ["chunks spelled oddly", "Content-Length: 41\r\nTransfer-Encoding: xchunked\r\n"],
    ["a length with a sign", "Content-Length: +41\r\n"],
    ["a header with a bare line feed", "X: a\nTransfer-Encoding: chunked\r\n"],
    ["a header's name with a space", "Transfer-Encoding : chunked\r\n"],
  ])("%s", async (_, lines) => {
    const { hostname, port, host } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /api/x HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n`);
    socket.end(`${lines}Connection: close\r\n\r\n${body}`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect(upstream.seen).toEqual([]);
  });
});

describe("another dev server's cookies do not hide the session's:", () => {
  test.each([
    'prefs={"theme":"dark","n":1}; SESSION',
    'SESSION; prefs={"theme":"dark","n":1}',
    'x="; SESSION; y="',
    "=; ;; SESSION; a b=1",
    "pocketpaw_session=%zz; SESSION",
  ])("%s", async (shape) => {
    const headers = { cookie: shape.replace("SESSION", cookie) };
    expect((await rawRequest(gateway.url, "/api/auth/session", { headers })).status).toBe(200);
  });
});
