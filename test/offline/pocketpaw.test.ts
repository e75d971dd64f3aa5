import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { UNTRUSTED_RESPONSE_HEADERS } from "../../deploy/routes.js";
import { fetchDocumented } from "../support/documented.ts";
import { type Gateway, startGateway } from "../support/offline.ts";
import { rawRequest } from "./raw-request.ts";
import { type Seen, startUpstream } from "./upstream.ts";

const NATIVE_COOKIE = /^pocketpaw_session=[0-9]{10}:[0-9a-f]{64}$/;

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let gateway: Gateway;
/** A cookie of the gateway's login, and the gateway's origin. */
let cookie = "";
let origin = "";

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({ originUrl: upstream.url });
  origin = gateway.url;
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

/** A request with the cookie and the page's own origin. */
function ask(target: string, { headers, ...options }: Options = {}) {
  return rawRequest(gateway.url, target, { ...options, headers: { cookie, origin, ...headers } });
}

/** The one request that reached the upstream. */
function onlyRequest(): Seen {
  const [request, ...others] = upstream.seen;
  if (request === undefined || others.length > 0)
    throw new Error(`${upstream.seen.length} requests`);
  return request;
}

describe("what passes", () => {
  test("a binary body, both ways, byte by byte", async () => {
    const body = randomBytes(100_000);
    for (const type of [
      "application/octet-stream",
      "text/plain",
      "multipart/form-data; boundary=x",
    ]) {
      const response = await ask("/api/files", {
        method: "PUT",
        headers: { "content-type": type },
        body,
      });
      expect(response.body.equals(body)).toBe(true);
    }
  });

  test("a body of 10 MB; one byte more is 413 and does not reach PocketPaw", async () => {
    const body = randomBytes(10 * 1024 * 1024);
    const response = await ask("/api/files", { method: "POST", body });
    const digest = createHash("sha256").update(body).digest("hex");
    expect(response.headers["x-sha256"]).toEqual([digest]);
    const over = await ask("/api/files", {
      method: "POST",
      body: Buffer.concat([body, Buffer.alloc(1)]),
    });
    expect([over.status, String(over.body)]).toEqual([
      413,
      '{"message":"Request Entity Too Large"}',
    ]);
    expect(upstream.seen).toHaveLength(1);
  });

  test("several Set-Cookie as they are", async () => {
    const { headers } = await ask("/api/cookies");
    expect(headers["set-cookie"]).toEqual(["a=1; Path=/", 'b={"x":"y, z"}; Path=/']);
  });

  test("HEAD, with the length that GET has and no body", async () => {
    const { status, headers, body } = await ask("/api/files", { method: "HEAD" });
    expect([status, headers["content-length"], body.length]).toEqual([200, ["7"], 0]);
    expect(upstream.seen[0]?.method).toBe("HEAD");
  });

  test.each(["/api/a%2Fb%20c/d;e?x=%20+&y=&x=2", "/api/caf%C3%A9?q=%zz", "/api/a//b/"])(
    "the path and the query string of %s as they came",
    async (target) => {
      await ask(target);
      expect(upstream.seen[0]?.target).toBe(target);
    },
  );
});

describe("what PocketPaw sees", () => {
  test.each(["token", "%74oken", "t%6Fk%65n"])(
    "a query string without the parameter %s",
    async (name) => {
      await rawRequest(gateway.url, `/api/x?a=1&${name}=${gateway.masterToken}&b=2`);
      expect(upstream.seen[0]?.target).toBe("/api/x?a=1&b=2");
    },
  );

  test("one cookie, the authorizer's, whatever the client sent", async () => {
    await ask("/api/x", {
      headers: { cookie: `other=1; ${cookie}`, authorization: `Bearer ${gateway.masterToken}` },
    });
    expect(upstream.seen[0]?.headers.cookie).toEqual([expect.stringMatching(NATIVE_COOKIE)]);
  });

  test("the address and scheme that the gateway saw, whatever the client says", async () => {
    await ask("/api/x", {
      headers: {
        "x-forwarded-for": "203.0.113.9",
        "x-forwarded-proto": "https",
        "cf-connecting-ip": "203.0.113.9",
        forwarded: "for=203.0.113.9",
      },
    });
    const { headers } = onlyRequest();
    expect(headers["x-forwarded-for"]).toEqual(["127.0.0.1"]);
    expect(headers["x-forwarded-proto"]).toEqual(["http"]);
    expect(headers).not.toHaveProperty("cf-connecting-ip");
    expect(headers).not.toHaveProperty("forwarded");
  });

  test("no header of one connection, and its own name as Host", async () => {
    await ask("/api/x", { headers: { connection: "close, x-private", "x-private": "1" } });
    const { headers } = onlyRequest();
    expect(headers.host).toEqual([new URL(upstream.url).host]);
    expect(headers).not.toHaveProperty("x-private");
  });
});

describe("what comes back", () => {
  test("a redirect to PocketPaw leads to the gateway, any other one stays", async () => {
    const { headers } = await ask("/api/redirect");
    expect(headers.location).toEqual([`${gateway.url}/api/there?x=1`]);
    expect((await ask("/api/elsewhere")).headers.location).toEqual(["https://example.com/login"]);
  });

  test("no header of PocketPaw's connection, and no CORS header of PocketPaw's", async () => {
    const { headers } = await ask("/api/hop");
    expect(headers).not.toHaveProperty("x-private");
    expect(headers).not.toHaveProperty("access-control-allow-origin");
  });

  test("no script may run in a response of the API, of an error and of a webhook", async () => {
    for (const target of ["/api/x", "/api/trace", "/webhook/whatsapp"]) {
      const { headers } = await ask(target);
      for (const [name, value] of Object.entries(UNTRUSTED_RESPONSE_HEADERS)) {
        expect(headers[name]).toEqual([value]);
      }
    }
  });

  test("the page and the static files keep PocketPaw's own policy, and need no credential", async () => {
    for (const target of ["/", "/favicon.ico", "/static/a.js", "/static/js/b/c.js"]) {
      const { status, headers } = await rawRequest(gateway.url, target);
      expect([status, headers["content-security-policy"]]).toEqual([200, ["script-src *"]]);
    }
  });
});

describe("what does not reach PocketPaw", () => {
  test.each(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])(
    "%s without a credential",
    async (method) => {
      expect((await rawRequest(gateway.url, "/api/x", { method })).status).toBe(403);
      expect(upstream.seen).toEqual([]);
    },
  );

  const SPELLINGS = [
    ...["/api/auth/login", "/api/auth/login/", "/api/%61uth/login", "/api/auth%2Flogin"],
    ...["/api/auth%252Flogin", "/api/auth%25252flogin/", "/api//auth/login", "/api/Auth/LOGIN"],
    ...["/api/auth/login%20", "/api/auth/login;x=1", "/api/auth/login%3Fx", "/api/x/../auth/login"],
    ...["/api/./auth/login", "/api/%2e/auth/login", "/api/x/%252e%252e/auth/login"],
    ...["/api\\auth\\login", "/api/auth%5Clogin", "/api/v1/auth%2Flogin", "/api/v1//auth/login/"],
    ...[
      "/api/v1/oauth/integrations/callback?code=x",
      "/api/v1/oauth%2Fintegrations/Callback/?code=x",
    ],
    ...["/api/token%2Fregenerate", "/api/v1/token%252fregenerate/", "/api//token/regenerate"],
    "/api/v1%2Ftoken/regenerat%65",
    ...["/api/v1/auth%2Fsession", "/api/auth%2fsession/", "/api/qr/", "/api%2Fqr", "/api/v1/q%72/"],
  ];
  test.each(
    SPELLINGS.flatMap((target) => [
      ["GET", target],
      ["POST", target],
    ]),
  )("%s %s", async (method, target) => {
    const body = JSON.stringify({ token: gateway.masterToken });
    await ask(target, method === "POST" ? { method, body } : { method });
    expect(upstream.seen).toEqual([]);
  });

  test.each([
    "/oauth/callback?error=<script>",
    "/docs",
    "/openapi.json",
    "/webhook/inbound/any",
    "/static/../api/x",
    "/ws",
  ])("%s", async (target) => {
    expect((await ask(target)).status).toBeGreaterThanOrEqual(400);
    expect(upstream.seen).toEqual([]);
  });
});

describe("a WebSocket", () => {
  const HANDSHAKE = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  const open = (target: string, headers: Options["headers"] = {}) =>
    ask(target, { headers: { ...HANDSHAKE, ...headers } });

  test.each(["/ws", "/v1/ws", "/api/v1/ws"])(
    "at %s passes with the page's cookie alone",
    async (path) => {
      const { status } = await open(`${path}?token=t&%74oken=t&resume_session=r`, {
        cookie: `other=1; ${cookie}`,
        authorization: "Bearer pp_key",
        "sec-websocket-protocol": "pp_key",
        "x-forwarded-for": "",
      });
      expect(status).toBe(101);
      const { target, headers } = onlyRequest();
      expect(target).toBe(`${path}?resume_session=r`);
      expect(headers.cookie).toEqual([cookie]);
      expect(headers["x-forwarded-for"]).toEqual(["127.0.0.1"]);
      expect(headers).not.toHaveProperty("authorization");
      expect(headers).not.toHaveProperty("sec-websocket-protocol");
    },
  );

  test.each<[string, string, Options["headers"]]>([
    ["of another port of localhost", "/ws", { origin: "http://127.0.0.1:1" }],
    ["of another origin", "/ws", { origin: "https://evil.example" }],
    ["under a foreign Host", "/ws", { host: "evil.example", origin: "https://evil.example" }],
    ["without a cookie", "/ws", { cookie: "" }],
    ["with an API key as cookie", "/ws", { cookie: "pocketpaw_session=pp_key" }],
    ["at another path", "/api/x", {}],
    ["at a path with a slash too many", "/ws/", {}],
    ["at a path in another spelling", "/%77s", {}],
  ])("%s is refused with 403 before the upgrade", async (_, target, headers) => {
    expect((await open(target, headers)).status).toBe(403);
    expect(upstream.seen).toEqual([]);
  });

  test("for another protocol is an ordinary request, which no route matches", async () => {
    expect((await open("/ws", { upgrade: "h2c" })).status).toBe(404);
    expect(upstream.seen).toEqual([]);
  });

  test("with two session cookies is refused", async () => {
    expect((await open("/ws", { cookie: `${cookie}; ${cookie}` })).status).toBe(403);
  });
});

test("the gateway says where the dashboard is, and runs on the master token without a warning", () => {
  const { port } = new URL(gateway.url);
  expect(gateway.output()).toContain(`PocketPaw's dashboard is at http://localhost:${port}/`);
  expect(gateway.output()).not.toContain("Warning: the PocketPaw");
});
