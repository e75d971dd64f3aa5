import { ClientRequest, createServer, type RequestListener } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type FrontOptions, startFront } from "../../local/front/front.ts";
import { pocketPawRoutes } from "../../local/front/routes.ts";
import { listenOnLoopback } from "../support/loopback.ts";
import { rawRequest } from "../support/raw-request.ts";

const SOON = { limitMilliseconds: 50, silenceMilliseconds: 50 };
const COOKIE = "pocketpaw_session=1:2";
const CONTEXT = { upstreamCookie: COOKIE };
const CHALLENGE = { "www-authenticate": "Bearer" };
const ORIGIN = "https://dash.example.com";
const CORS = {
  ...{ allowedOrigins: [ORIGIN], allowCredentials: true, maxAge: 600 },
  ...{ allowedHeaders: ["authorization"], allowedMethods: ["POST"], exposedResponseHeaders: ["x"] },
};
/** Functions that let everyone in; `echo` responds with its event. */
type Functions = Record<string, (event: unknown) => unknown>;
const FUNCTIONS: Functions = {
  authorizer: () => ({ isAuthorized: true, context: CONTEXT }),
  verify: () => ({ statusCode: 204, headers: { "x-pocketpaw-cookie": COOKIE } }),
  echo: (event) => ({ statusCode: 200, body: JSON.stringify(event) }),
};

/** A front server with these functions in place of the ones above, and an upstream behind it. */
async function start(
  functions: Functions = {},
  upstream: RequestListener = (_, response) => response.end("content"),
  limits: Partial<FrontOptions> = {},
) {
  const all = { ...FUNCTIONS, ...functions };
  const behind = await listenOnLoopback(createServer(upstream));
  const own = ["GET /echo", "POST /echo"].map((key) => {
    return { key, functionKey: "echo", isGuarded: false };
  });
  const front = await startFront({
    port: 0,
    routes: [...own, ...pocketPawRoutes([])],
    invoke: async (key, event) => all[key]?.(event),
    pocketPaw: new URL(behind.url),
    cors: CORS,
    ...limits,
    log: () => undefined,
  });
  onTestFinished(async () => {
    await front.close();
    await behind.close();
  });
  const url = `http://127.0.0.1:${front.port}`;
  const ask = (target: string, request: Parameters<typeof rawRequest>[2] = {}) =>
    rawRequest(url, target, { headers: { authorization: "Bearer t" }, ...request });
  const statusOf = async (target: string) => (await ask(target)).status;
  /** What comes back on a connection whose own direction is closed after these lines. */
  const send = (...lines: string[]) => {
    const socket = connect(front.port, "127.0.0.1");
    socket.end([...lines, "Connection: close", "", ""].join("\r\n"));
    return text(socket);
  };
  return { ...front, ask, statusOf, send };
}

describe("the Host", () => {
  test("names this machine, with any port, and appears once", async () => {
    const { ask, send } = await start();
    for (const host of ["localhost", "LOCALHOST:9000", "127.0.0.1:1", "[::1]:65535"]) {
      expect((await ask("/echo", { headers: { host } })).status).toBe(200);
    }
    const foreign = ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:80"];
    for (const host of [...foreign, "0.0.0.0", "u@localhost", "localhost:x"]) {
      expect((await ask("/echo", { headers: { host } })).status).toBe(403);
    }
    for (const lines of [["Host: localhost", "Host: localhost"], ["Host:"], ["X: y"]]) {
      expect(await send("GET /echo HTTP/1.1", ...lines)).toMatch(/^HTTP\/1\.1 4/);
    }
  });

  test("and an absolute target both name this machine (RFC 9112, 3.2.2)", async () => {
    const { send } = await start();
    const get = (target: string, host = "localhost:9000") =>
      send(`GET ${target} HTTP/1.1`, `Host: ${host}`);
    expect(await get("http://localhost:8000/echo?a=b")).toContain('"rawQueryString":"a=b"');
    const foreign = ["http://evil.example/echo", "http://u:p@localhost/echo"];
    for (const target of [...foreign, "ftp://localhost/echo", "echo", "*"]) {
      expect(await get(target)).toMatch(/^HTTP\/1\.1 4/);
    }
    expect(await get("http://localhost/echo", "evil.example")).toMatch(/^HTTP\/1\.1 403/);
  });
});

test("a client that closes its own direction after the request gets the response (RFC 9112, 9.6)", async () => {
  const slow: RequestListener = (_, response) => void setImmediate(() => response.end("content"));
  const { send } = await start({}, slow);
  const headers = ["Host: localhost", "Authorization: Bearer t"];
  for (const target of ["/echo", "/api/x", "/api/v1/chat"]) {
    expect(await send(`GET ${target} HTTP/1.1`, ...headers)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  }
});

test("a request that offers another protocol is an ordinary one, its body included", async () => {
  const { port } = await start();
  const socket = connect(port, "127.0.0.1");
  socket.write(
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n",
  );
  socket.write("Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", () => socket.end("body"));
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*"body":"body"/s);
});

test.each([
  ["a header `Connection` that names its length", ["Connection: close, Content-Length"]],
  ["more headers than Node keeps", ["Connection: close, x", ...Array(1_100).fill("x:")]],
])("no body is unframed behind %s", async (_, lines) => {
  const bodies: string[] = [];
  const { port } = await start({}, async (request, response) => {
    bodies.push(await text(request));
    response.end();
  });
  const smuggled = "GET /api/v1/ws HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (const method of ["GET", "DELETE", "POST"]) {
    const socket = connect(port, "127.0.0.1");
    const head = [
      ...[`${method} /api/v1/files/x HTTP/1.1`, "Host: localhost", "Authorization: Bearer t"],
      ...[...lines, `Content-Length: ${smuggled.length}`],
    ];
    socket.end([...head, "", smuggled].join("\r\n"));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  }
  expect(bodies).toEqual([smuggled, smuggled, smuggled]);
});

test("a function gets the event that API Gateway makes", async () => {
  const { ask } = await start();
  const headers = { "X-Name": ["a", "b"], Cookie: "a=1; b=2" };
  const event = async (type: string) => {
    const request = { method: "POST", headers: { ...headers, "Content-Type": type }, body: "body" };
    return JSON.parse(String((await ask("/e%63ho?x=1&x=%20", request)).body));
  };
  expect(await event("text/html")).toMatchObject({
    ...{ version: "2.0", routeKey: "POST /echo", rawPath: "/echo", rawQueryString: "x=1&x=%20" },
    ...{ cookies: ["a=1", "b=2"], body: "body", isBase64Encoded: false },
    headers: { "x-name": "a,b", "x-forwarded-for": "127.0.0.1" },
    queryStringParameters: { x: "1, " },
    requestContext: { routeKey: "POST /echo", http: { method: "POST", path: "/echo" } },
  });
  expect(await event("garbage")).toMatchObject({ body: "Ym9keQ==", isBase64Encoded: true });
});

const fail = () => Promise.reject(new Error("the-secret"));
const FAILED = [500, '{"message":"Internal Server Error"}'] as const;
const UNKNOWN = [503, '{"detail":"The gateway does not respond"}'] as const;
const passing = { "x-pocketpaw-cookie": COOKIE };
test.each<[target: string, functions: Functions, status: number, body?: string]>([
  ["/echo", { echo: fail }, ...FAILED],
  ["/echo", { echo: () => "the-secret" }, ...FAILED],
  ["/echo", { echo: () => ({ statusCode: "the-secret" }) }, ...FAILED],
  ["/echo", { echo: () => ({ statusCode: 200, body: { a: "the-secret" } }) }, ...FAILED],
  ["/echo", { echo: () => ({ statusCode: 200, headers: { a: "the-secret\nb" } }) }, ...FAILED],
  ["/api/x", { authorizer: fail }, ...FAILED],
  ["/api/x", { authorizer: () => undefined }, ...FAILED],
  ["/api/x", { authorizer: () => [true] }, ...FAILED],
  ["/api/x", { authorizer: () => ({ isAuthorized: "true", context: CONTEXT }) }, ...FAILED],
  ["/api/x", { authorizer: () => ({ isAuthorized: true, context: {} }) }, ...FAILED],
  ["/api/x", { authorizer: () => ({ isAuthorized: false }) }, 403, '{"message":"Forbidden"}'],
  ["/api/v1/chat", { verify: fail }, ...UNKNOWN],
  ["/api/v1/chat", { verify: () => undefined }, ...UNKNOWN],
  ["/api/v1/chat", { verify: () => ({ statusCode: 200, headers: passing }) }, ...UNKNOWN],
  ["/api/v1/chat", { verify: () => ({ statusCode: 204, headers: {} }) }, ...UNKNOWN],
  ["/api/v1/chat", { verify: () => ({ statusCode: 401, headers: CHALLENGE }) }, 401, ""],
  ["/api/v1/chat", { verify: () => ({ statusCode: 403, headers: {} }) }, 403, ""],
])(
  "only a function's decision and response count, at %s (row %#)",
  async (target, functions, status, expected) => {
    const { ask } = await start(functions);
    const { body, headers, ...response } = await ask(target);
    expect([response.status, String(body)]).toEqual([status, expected]);
    if (status === 401) expect(headers["www-authenticate"]).toEqual(["Bearer"]);
  },
);

test("by the HTTP API a response of more than 10 MB is 500", async () => {
  const large = Buffer.alloc(10 * 1024 * 1024 + 1);
  // The rest of it, which never comes, is not waited for.
  const { statusOf } = await start({}, (_, response) => response.write(large));
  expect(await statusOf("/api/large")).toBe(500);
});

test("a response that does not come is 503 by the HTTP API, and 504 on a direct path, where one that falls silent is cut off", async () => {
  const silent: RequestListener = ({ url }, response) => {
    if (url === "/api/v1/chat/stream") response.write("first");
  };
  const { statusOf } = await start({}, silent, SOON);
  expect(await statusOf("/api/slow")).toBe(503);
  expect(await statusOf("/api/v1/chat")).toBe(504);
  await expect(statusOf("/api/v1/chat/stream")).rejects.toThrow();
});

test("the limits are 30 s by the HTTP API, and 60 s without a byte on a direct path", async () => {
  onTestFinished(() => void vi.restoreAllMocks());
  const limit = vi.spyOn(globalThis, "setTimeout");
  const silence = vi.spyOn(ClientRequest.prototype, "setTimeout");
  const { statusOf } = await start();
  expect([await statusOf("/api/x"), await statusOf("/api/v1/chat")]).toEqual([200, 200]);
  expect(limit).toHaveBeenCalledWith(expect.any(Function), 30_000);
  expect(silence).toHaveBeenCalledWith(60_000, expect.any(Function));
});

test.each([
  ["GET", "/echo", 200, [ORIGIN]],
  ["GET", "/nowhere", 404, [ORIGIN]],
  ["OPTIONS", "/api/x", 204, [ORIGIN]],
  ["OPTIONS", "/nowhere", 204, [ORIGIN]],
  ["GET", "/api/v1/chat", 200, undefined],
  ["OPTIONS", "/api/v1/chat", 403, undefined],
])("%s %s is %j with CORS headers for a named origin, except on direct paths", async (...row) => {
  const [method, target, status, allowed] = row;
  // API Gateway ignores a function's own.
  const echo = () => ({ statusCode: 200, headers: { "Access-Control-Allow-Origin": "*" } });
  const { ask } = await start({ echo });
  for (const origin of [ORIGIN, "null", "http://localhost:1"]) {
    const all = { origin, authorization: "Bearer t" };
    const response = await ask(target, { method, headers: all });
    const found = response.headers["access-control-allow-origin"];
    expect([response.status, found]).toEqual([status, origin === ORIGIN ? allowed : undefined]);
  }
});

test("HEAD has the length of GET's response", async () => {
  const { ask } = await start();
  const [get, head] = [await ask("/nowhere"), await ask("/nowhere", { method: "HEAD" })];
  expect(head).toMatchObject({ status: 404, body: Buffer.alloc(0) });
  expect(head.headers["content-length"]).toEqual(get.headers["content-length"]);
});
