import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { UNTRUSTED_RESPONSE_HEADERS, WEBSOCKET_PATHS } from "../../deploy/routes.js";
import { holdClosedPort } from "../support/closed-port.ts";
import { fetchDocumented } from "../support/documented.ts";
import { type Gateway, startGateway } from "../support/offline.ts";
import { rawRequest } from "../support/raw-request.ts";
import { type Seen, startUpstream } from "./upstream.ts";

const MINTED = /^pocketpaw_session=[0-9]{10}:[0-9a-f]{64}$/;
const NAMED_ORIGIN = "https://dash.example.com";
/** One path for each way to PocketPaw: by the HTTP API, and direct. */
const WAYS = ["/api/files", "/api/v1/files/x"];
const MEGABYTE = 1024 * 1024;

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let gateway: Gateway;
/** A cookie of the gateway's login, and the gateway's origin. */
let cookie = "";
let origin = "";

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({ originUrl: upstream.url, corsOrigins: NAMED_ORIGIN });
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

describe.each(WAYS)("%s passes", (path) => {
  test.each(["application/octet-stream", "text/plain", "garbage", "json", "multipart/form-data"])(
    "a binary body of the type %s, both ways, byte by byte",
    async (type) => {
      const body = randomBytes(100_000);
      const headers = { "content-type": type };
      const response = await ask(path, { method: "PUT", headers, body });
      expect(response.body.equals(body)).toBe(true);
      expect(onlyRequest().headers["content-type"]).toEqual([type]);
    },
  );

  test("HEAD, with the length that GET has and no body", async () => {
    const { status, headers, body } = await ask(path, { method: "HEAD" });
    expect([status, headers["content-length"], body.length]).toEqual([200, ["7"], 0]);
    expect(onlyRequest().method).toBe("HEAD");
  });

  test("a bearer token, a query and a path as they came, but for the parameter token", async () => {
    const headers = { authorization: `Bearer ${gateway.masterToken}`, cookie: "" };
    const target = `${path}/caf%C3%A9%20d?x=%20+&y=&x=2&q=%zz`;
    await ask(`${target}&token=t&%74oken=t`, { headers });
    expect(onlyRequest().target).toBe(target);
  });

  test("one cookie, the gateway's, and no Authorization or header of the way, whatever the client sent", async () => {
    await ask(path, {
      headers: {
        cookie: `other=1; pocketpaw_session=planted; ${cookie}`,
        authorization: `Bearer ${gateway.masterToken}`,
        connection: "close, x-private",
        "x-private": "1",
        "x-origin-verify": "1",
        "x-forwarded-for": "203.0.113.9",
        "cf-connecting-ip": "203.0.113.9",
        forwarded: "for=203.0.113.9",
      },
    });
    const { headers } = onlyRequest();
    expect(headers.cookie).toEqual([expect.stringMatching(MINTED)]);
    expect(headers["x-forwarded-for"]).toEqual(["127.0.0.1"]);
    expect(headers.host).toEqual([new URL(upstream.url).host]);
    for (const name of ["authorization", "x-private", "x-origin-verify", "forwarded"]) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  test("a response without PocketPaw's cookie, CORS or script, and not to be stored", async () => {
    const { headers } = await ask(path, { headers: { origin: "http://a.localhost" } });
    expect(headers).toMatchObject({ "cache-control": ["no-store"] });
    for (const [name, value] of Object.entries(UNTRUSTED_RESPONSE_HEADERS)) {
      expect(headers[name]).toEqual([value]);
    }
    const names = Object.keys(headers).filter((name) => /^access-|^set-cookie|x-frame/.test(name));
    expect(names).toEqual([]);
  });

  test("nothing to PocketPaw without a credential, and nothing of another origin's by cookie", async () => {
    const foreign = { origin: "http://localhost:1", cookie, "content-type": "text/plain" };
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]) {
      expect((await rawRequest(gateway.url, path, { method })).status).toBe(403);
      const { status } = await rawRequest(gateway.url, path, { method, headers: foreign });
      expect(status).toBe(/GET|HEAD/.test(method) ? 200 : 403);
    }
    expect(upstream.seen.map(({ method }) => method)).toEqual(["GET", "HEAD"]);
  });
});

describe("by the HTTP API", () => {
  test("10 MB pass up and down; one byte more up is 413 and does not reach PocketPaw", async () => {
    const body = randomBytes(10 * MEGABYTE);
    expect((await ask("/api/x", { method: "POST", body })).body.equals(body)).toBe(true);
    const more = await ask("/api/x", { method: "POST", body: Buffer.alloc(10 * MEGABYTE + 1) });
    expect([more.status, String(more.body)]).toEqual([
      413,
      '{"message":"Request Entity Too Large"}',
    ]);
    expect(upstream.seen).toHaveLength(1);
  });

  test("a redirect to PocketPaw leads to the gateway; any other one, and a relative one, stays", async () => {
    const location = async (path: string) => (await ask(path)).headers.location;
    expect(await location("/api/redirect")).toEqual([`${gateway.url}/api/there?x=1`]);
    expect(await location("/api/elsewhere")).toEqual(["https://example.com/login"]);
    expect(await location("/api/relative")).toEqual(["?page=2"]);
  });

  test("PocketPaw's own Cache-Control and errors stay, headers of its connection do not", async () => {
    expect((await ask("/api/cached")).headers["cache-control"]).toEqual(["max-age=60"]);
    expect((await ask("/api/hop")).headers).not.toHaveProperty("x-private");
    expect((await ask("/api/trace")).status).toBe(500);
  });

  test("the page and its files keep PocketPaw's policy and need no credential; HEAD has no route", async () => {
    for (const target of ["/", "/favicon.ico", "/static/a.js", "/static/js/b/c.js"]) {
      const { status, headers } = await rawRequest(gateway.url, target);
      expect([status, headers["content-security-policy"]]).toEqual([200, ["script-src *"]]);
      expect(headers).not.toHaveProperty("set-cookie");
      expect((await rawRequest(gateway.url, target, { method: "HEAD" })).status).toBe(404);
    }
    const { headers } = await rawRequest(gateway.url, "/webhook/whatsapp");
    expect(headers["content-security-policy"]).toEqual([
      UNTRUSTED_RESPONSE_HEADERS["content-security-policy"],
    ]);
  });

  test("a link with a token leads to the gateway's page, and reaches nothing", async () => {
    const { status, headers } = await rawRequest(gateway.url, "/?x=1&token=a%2Bb");
    expect([status, headers.location]).toEqual([302, ["/gateway#a%2Bb"]]);
    expect(headers).toMatchObject({ "referrer-policy": ["no-referrer"] });
    expect(upstream.seen).toEqual([]);
  });

  test("what is no route of the stack reaches nothing", async () => {
    for (const path of ["oauth/callback?error=<script>", "docs", "webhook/inbound/any", "wss"]) {
      expect([path, (await ask(`/${path}`)).status]).toEqual([path, 404]);
    }
    expect(upstream.seen).toEqual([]);
  });
});

describe("on a direct path", () => {
  test("a body of 12 MB passes, up and down", async () => {
    const body = randomBytes(12 * MEGABYTE);
    const response = await ask("/api/v1/soul/import", { method: "POST", body });
    expect(response.body.equals(body)).toBe(true);
  });

  test("an event arrives while the stream is open", async () => {
    const stop = new AbortController();
    const { body } = await fetch(`${gateway.url}/api/v1/events/stream`, {
      headers: { cookie },
      signal: stop.signal,
    });
    const { value } = (await body?.getReader().read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toBe("data: first\n\n");
    stop.abort();
  });

  test("a body in chunks with GET stays one request", async () => {
    const headers = { "transfer-encoding": "chunked" };
    await ask("/api/v1/files/x", { headers, body: "GET /api/v1/files/y HTTP/1.1\r\n\r\n" });
    expect(onlyRequest().target).toBe("/api/v1/files/x");
  });

  test("OPTIONS is 403, also from an allowed origin, and no CORS header comes with anything", async () => {
    for (const method of ["OPTIONS", "GET"]) {
      const headers = { origin: NAMED_ORIGIN, "access-control-request-method": "GET" };
      const response = await ask("/api/v1/chat", { method, headers });
      expect(response.status).toBe(method === "GET" ? 200 : 403);
      expect(Object.keys(response.headers).join()).not.toContain("access-control");
    }
  });

  test("what only verify can refuse is 401 with its challenge", async () => {
    for (const token of [`session:4000000000:${"0".repeat(64)}`, randomUUID(), "pp_key"]) {
      const headers = { authorization: `Bearer ${token}`, cookie: "" };
      const response = await ask("/api/v1/chat", { headers });
      expect(response.status).toBe(401);
      expect(response.headers["www-authenticate"]?.[0]).toContain('error="invalid_token"');
    }
    expect(upstream.seen).toEqual([]);
  });

  test("a client's X-Original-Method and x-pocketpaw-cookie change nothing", async () => {
    const headers = { "x-original-method": "GET", "x-pocketpaw-cookie": "pocketpaw_session=1:2" };
    const foreign = { ...headers, origin: "http://localhost:1" };
    expect((await ask("/api/v1/chat", { method: "POST", headers: foreign })).status).toBe(403);
    await ask("/api/v1/chat", { headers });
    expect(onlyRequest().headers.cookie).toEqual([expect.stringMatching(MINTED)]);
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

  test.each(WEBSOCKET_PATHS)("at %s passes by cookie and by bearer token", async (path) => {
    const planted = `pocketpaw_gateway_session=planted; ${cookie}`;
    const bearer = { authorization: `Bearer ${gateway.masterToken}`, cookie: "", origin: "" };
    for (const headers of [{ cookie: planted }, bearer]) {
      upstream.seen.splice(0);
      const response = await open(`${path}?token=t&resume_session=r`, headers);
      expect([response.status, response.headers["set-cookie"]]).toEqual([101, undefined]);
      const seen = onlyRequest();
      expect(seen.target).toBe(`${path}?resume_session=r`);
      expect(seen.headers.cookie).toEqual([expect.stringMatching(MINTED)]);
      expect(seen.headers).not.toHaveProperty("authorization");
    }
  });

  test.each<[string, string, Options["headers"]]>([
    ["of another port of localhost", "/ws", { origin: "http://127.0.0.1:1" }],
    ["of another origin", "/ws", { origin: "https://evil.example" }],
    ["by cookie without an origin", "/ws", { origin: "" }],
    ["under a foreign Host", "/ws", { host: "evil.example", origin: "https://evil.example" }],
    ["without a cookie", "/ws", { cookie: "" }],
    ["with PocketPaw's cookie", "/ws", { cookie: "pocketpaw_session=pp_key" }],
    ["at another path", "/api/x", {}],
    ["at a path with a slash too many", "/ws/", {}],
    ["at a path in another spelling", "/%77s", {}],
  ])("%s is refused with 403 before the upgrade", async (_, target, headers) => {
    expect((await open(target, headers)).status).toBe(403);
    expect(upstream.seen).toEqual([]);
  });

  test("with a junk MAC, and an API key, is refused by verify", async () => {
    const junk = { cookie: `pocketpaw_gateway_session=session:4000000000:${"0".repeat(64)}` };
    expect((await open("/ws", junk)).status).toBe(401);
    const key = { authorization: "Bearer pp_key", cookie: "", "sec-websocket-protocol": "pp_key" };
    expect((await open("/ws", key)).status).toBe(401);
    expect(upstream.seen).toEqual([]);
  });
});

describe("no spelling of what the gateway owns reaches PocketPaw:", () => {
  const PATHS = [
    ...["auth/login", "auth/logout", "auth/session", "auth/verify", "qr", "token/regenerate"],
    ...["oauth/authorize", "oauth/token", "oauth/integrations/callback", "mcp/oauth/callback"],
    ...["auth/register", "auth/bearer/login", "docs", "redoc", "openapi.json"],
  ].flatMap((path) => [`/api/${path}`, `/api/v1/${path}`]);
  const ENDS = ["", "/", "//", "/x", "%0A", "%00", ";x", "%2f", "/.", "/..", "%3F"];

  /** A character as itself, or percent-encoded once or repeatedly, in either case of its digits. */
  function spelling(character: string): fc.Arbitrary<string> {
    const hex = character.charCodeAt(0).toString(16).padStart(2, "0");
    const encoded = fc
      .tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom(hex, hex.toUpperCase()))
      .map(([depth, text]) => `%${"25".repeat(depth)}${text}`);
    const more = character === "/" ? ["//", "/./", "/x/../", "\\", "/;/"] : [];
    return fc.oneof(
      { weight: 40, arbitrary: fc.constant(character) },
      encoded,
      ...more.map((m) => fc.constant(m)),
    );
  }

  test("raw paths from a grammar", async () => {
    const target = fc
      .tuple(fc.constantFrom(...PATHS), fc.constantFrom(...ENDS))
      .chain(([path, end]) =>
        fc.tuple(...[...path].map(spelling)).map((all) => all.join("") + end),
      );
    await fc.assert(
      fc.asyncProperty(target, async (path) => {
        const headers = { authorization: `Bearer ${gateway.masterToken}`, cookie: "" };
        await ask(path, { headers });
        expect(upstream.seen.splice(0).map((seen) => seen.target)).toEqual([]);
      }),
      { numRuns: 300, examples: PATHS.flatMap((path) => [[path], [`${path}%0A`]]) },
    );
  });

  test("a fragment, and 16 kB of %2525, are refused at once", async () => {
    expect((await ask("/api/qr#x")).status).toBe(400);
    expect((await ask(`/api/${"%2525".repeat(2400)}`)).status).toBe(403);
    expect(upstream.seen).toEqual([]);
  });
});

test("while PocketPaw is down: 503 as at API Gateway, 503 of the proxy's on direct paths, and the gateway lives on", async () => {
  await upstream.close();
  const release = await holdClosedPort(upstream.port);
  for (const target of ["/", "/static/a.js", "/webhook/whatsapp", "/api/x"]) {
    const { status, body } = await ask(target);
    expect([status, String(body)]).toEqual([503, '{"message":"Service Unavailable"}']);
  }
  const { status, headers, body } = await ask("/api/v1/chat");
  expect([status, headers["retry-after"]]).toEqual([503, ["5"]]);
  expect(JSON.parse(String(body))).toHaveProperty("detail");
  const upgrade = { connection: "Upgrade", upgrade: "websocket" };
  expect((await ask("/ws", { headers: upgrade })).status).toBe(503);
  expect((await ask("/api/qr")).status).toBe(200);
  await release();
});
