// The laptop's gateway with the real functions, in front of a server that says what reaches it.
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { UNTRUSTED_RESPONSE_HEADERS, WEBSOCKET_PATHS } from "../../deploy/routes.js";
import { startGateway } from "../smoke/gateway.ts";
import { holdClosedPort } from "../support/closed-port.ts";
import { rawRequest } from "../support/raw-request.ts";
import { goodSession, MASTER_TOKEN } from "../support/tokens.ts";
import { type Seen, startUpstream } from "./upstream.ts";

const MINTED = /^pocketpaw_session=[0-9]{10}:[0-9a-f]{64}$/;
/** One path for each way to PocketPaw: by the HTTP API, and direct. */
const WAYS = ["/api/files", "/api/v1/files/x"];
const MEGABYTE = 1024 * 1024;
const EXP = Math.floor(Date.now() / 1000) + 3_600;
const COOKIE = `pocketpaw_gateway_session=${goodSession(EXP)}`;
/** A bearer token in place of the cookie. */
const BEARER = { authorization: `Bearer ${MASTER_TOKEN}`, cookie: "", origin: "" };

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let close: () => Promise<unknown>;
let url = "";

beforeAll(async () => {
  upstream = await startUpstream();
  const gateway = await startGateway(upstream);
  url = gateway.url.origin;
  close = gateway.close;
});
afterAll(() => close?.());
beforeEach(() => void upstream.seen.splice(0));

type Options = NonNullable<Parameters<typeof rawRequest>[2]>;

/** A request with the cookie and the page's own origin. */
function ask(target: string, { headers, ...options }: Options = {}) {
  const all = { cookie: COOKIE, origin: url, ...headers };
  return rawRequest(url, target, { ...options, headers: all });
}

/** The one request that reached the upstream. */
function onlyRequest(): Seen {
  const [request, ...others] = upstream.seen;
  expect(others).toEqual([]);
  if (request === undefined) throw new Error("no request reached the upstream");
  return request;
}

describe.each(WAYS)("%s passes", (path) => {
  test("a body, both ways, byte by byte, its type, a query and a path as they came, but for the parameter token", async () => {
    const target = `${path}/caf%C3%A9%20d?x=%20+&y=&x=2&q=%zz`;
    const body = randomBytes(100_000);
    const headers = { ...BEARER, "content-type": "garbage" };
    const response = await ask(`${target}&token=t&%74oken=t`, { method: "PUT", headers, body });
    expect(response.body.equals(body)).toBe(true);
    const seen = onlyRequest();
    expect([seen.target, seen.headers["content-type"]]).toEqual([target, ["garbage"]]);
  });

  test("HEAD, with the length that GET has and no body", async () => {
    const { status, headers, body } = await ask(path, { method: "HEAD" });
    expect([status, headers["content-length"], body.length]).toEqual([200, ["7"], 0]);
    expect(onlyRequest().method).toBe("HEAD");
  });

  test("one cookie, the gateway's, and no Authorization or header of the way, whatever the client sent", async () => {
    await ask(path, {
      headers: {
        cookie: `other=1; pocketpaw_session=planted; ${COOKIE}`,
        authorization: `Bearer ${MASTER_TOKEN}`,
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
    const gone = ["authorization", "cf-connecting-ip", "forwarded", "x-origin-verify", "x-private"];
    for (const name of gone) expect(headers).not.toHaveProperty(name);
  });

  test("a response without PocketPaw's cookie, CORS or script, and not to be stored", async () => {
    const { headers } = await ask(path);
    expect(headers).toMatchObject({ "cache-control": ["no-store"] });
    for (const [name, value] of Object.entries(UNTRUSTED_RESPONSE_HEADERS)) {
      expect(headers[name]).toEqual([value]);
    }
    const names = Object.keys(headers).filter((name) => /^access-|^set-cookie|x-frame/.test(name));
    expect(names).toEqual([]);
  });

  test("nothing to PocketPaw without a credential, and nothing of another origin's by cookie", async () => {
    const foreign = { origin: "http://localhost:1", cookie: COOKIE, "content-type": "text/plain" };
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]) {
      expect((await rawRequest(url, path, { method })).status).toBe(403);
      const { status } = await rawRequest(url, path, { method, headers: foreign });
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
    const expected = [413, '{"message":"Request Entity Too Large"}'];
    expect([more.status, String(more.body)]).toEqual(expected);
    expect(upstream.seen).toHaveLength(1);
  });

  test("a redirect to PocketPaw leads to the gateway; any other one, and a relative one, stays", async () => {
    const location = async (path: string) => (await ask(path)).headers.location;
    expect(await location("/api/redirect")).toEqual([`${url}/api/there?x=1`]);
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
      const { status, headers } = await rawRequest(url, target);
      expect([status, headers["content-security-policy"]]).toEqual([200, ["script-src *"]]);
      expect(headers).not.toHaveProperty("set-cookie");
      expect((await rawRequest(url, target, { method: "HEAD" })).status).toBe(404);
    }
    const { headers } = await rawRequest(url, "/webhook/whatsapp");
    expect(headers["content-security-policy"]).toEqual([
      UNTRUSTED_RESPONSE_HEADERS["content-security-policy"],
    ]);
  });

  test("what is no route of the stack reaches nothing", async () => {
    const paths = ["oauth/callback?error=<script>", "docs", "webhook/inbound/any", "wss"];
    // This one is direct by the pattern /api/*mcp/add.
    for (const path of [...paths, "api/auth/login/mcp/add"]) {
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
    const { body } = await fetch(`${url}/api/v1/events/stream`, {
      headers: { cookie: COOKIE },
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
    const planted = { cookie: `pocketpaw_gateway_session=planted; ${COOKIE}` };
    for (const headers of [planted, BEARER]) {
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
    ["under a foreign Host", "/ws", { host: "evil.example", origin: "https://evil.example" }],
    ["without a cookie", "/ws", { cookie: "" }],
    ["at another path", "/api/x", {}],
    ["at a path with a slash too many", "/ws/", {}],
    ["at a path in another spelling", "/%77s", {}],
  ])("%s is refused with 403 before the upgrade", async (_, target, headers) => {
    expect((await open(target, headers)).status).toBe(403);
    expect(upstream.seen).toEqual([]);
  });

  test("that only verify can refuse is 401", async () => {
    const key = { ...BEARER, authorization: "Bearer pp_key", "sec-websocket-protocol": "pp_key" };
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
    const others = ["%", "%25", "%2525"].flatMap((by) => [by + hex, by + hex.toUpperCase()]);
    if (character === "/") others.push("//", "/./", "/x/../", "\\", "/;/");
    const usual = { weight: 20, arbitrary: fc.constant(character) };
    return fc.oneof(usual, fc.constantFrom(...others));
  }

  test("raw paths from a grammar", async () => {
    const target = fc
      .tuple(fc.constantFrom(...PATHS), fc.constantFrom(...ENDS))
      .chain(([path, end]) =>
        fc.tuple(...[...path].map(spelling)).map((all) => all.join("") + end),
      );
    await fc.assert(
      fc.asyncProperty(target, async (path) => {
        await ask(path, { headers: BEARER });
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
