// The example's reverse proxies, nginx and Caddy, with a recorder in PocketPaw's place: who gets through to
// what, and how the request arrives.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PAGE_ROUTES, UNTRUSTED_RESPONSE_HEADERS } from "../../deploy/routes.js";
import { HANDSHAKE, send, sendRaw } from "./support/client.ts";
import { BOTH, PROXIES, type RunningProxy, SECRETS } from "./support/proxies.ts";
import { OWN_CSP, startRecorder } from "./support/recorder.ts";

const API = { "x-origin-verify": SECRETS.api };
const WEBSOCKET = { "x-origin-verify": SECRETS.websocket };
const SOCKET_PATHS = ["/ws", "/v1/ws", "/api/v1/ws"];

/** Ways to write each of the paths of login, exchange, QR code, regeneration, OAuth consent and OAuth callback. */
const NEVER_REACHED = [
  "/api/auth/login",
  "/api/v1/auth/login",
  "/api/v1/auth/bearer/login",
  "/api/v1/auth/register",
  "/api/v1/auth/session",
  "/api/qr",
  "/api/v1/qr",
  "/api/v1/token/regenerate",
  "/api/v1/oauth/authorize",
  "/api/v1/oauth/authorize/consent",
  "/api/v1/oauth/token",
  "/api/v1/oauth/integrations/callback",
].flatMap((path) => [
  path,
  `${path}/`,
  `${path}//`,
  `${path}?x=1`,
  `${path}%2F`,
  `${path}%252f?x`,
  `/${path}`,
  path.replace("/api/", "/api//"),
  path.replaceAll("/", "%2F").replace("%2F", "/"),
  path.replaceAll("/", "%25252f").replace("%25252f", "/"),
  path.replace("api", "%61pi"),
  path.replace("api", "%2561pi"),
  path.replace(/.$/, (last) => `%${last.charCodeAt(0).toString(16)}`),
  path.replace(/.$/, (last) => `%25${last.charCodeAt(0).toString(16).toUpperCase()}`),
  path.toUpperCase(),
]);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "pocketpaw-front-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each(PROXIES)("%s", (_name, start) => {
  let recorder: Awaited<ReturnType<typeof startRecorder>>;
  let proxy: RunningProxy;

  beforeAll(async () => {
    recorder = await startRecorder();
    proxy = await start({ publicHost: "paw.example.com", upstreamPort: recorder.port, directory });
  });
  afterAll(async () => {
    await proxy.stop();
    await recorder.close();
  });
  beforeEach(() => {
    recorder.requests.length = 0;
  });

  async function expectRefused(line: string, headers: Record<string, string | string[]> = {}) {
    expect.soft((await send(proxy, line, headers)).status, line).toBe(403);
    expect.soft(recorder.requests, line).toEqual([]);
    recorder.requests.length = 0;
  }

  test("refuses every request without the header, or with another value", async () => {
    const values = [
      "",
      " ",
      "x",
      SECRETS.api.toLowerCase(),
      SECRETS.api.slice(0, -1),
      `${SECRETS.api}x`,
      ".{48}",
      "*",
      "api",
      "{env.HOME}",
    ];
    for (const line of ["GET /", "GET /ws", "POST /api/auth/session", "GET /static/js/app.js"]) {
      await expectRefused(line);
      for (const value of values) {
        await expectRefused(line, { "x-origin-verify": value });
        await expectRefused(line, { ...HANDSHAKE, "x-origin-verify": value });
      }
      await expectRefused(line, { x_origin_verify: SECRETS.api });
      await expectRefused(line, { "x-origin-verify": ["wrong", SECRETS.api] });
    }
  });

  test("lets through no more for a header sent twice than for the secrets in it", async () => {
    await expectRefused("GET /api/health", {
      "x-origin-verify": [SECRETS.websocket, SECRETS.websocket],
    });
    await expectRefused("GET /api/health", { "x-origin-verify": `${SECRETS.api}, x` });
  });

  test("takes an empty or cut-off line in the file of secrets for nobody's", async () => {
    const cutOff = SECRETS.api.slice(0, 31);
    const accepted = [["", "api"] as const, [cutOff, "api"] as const, ...BOTH];
    const options = { publicHost: "paw.example.com", upstreamPort: recorder.port, directory };
    const careless = await start({ ...options, accepted });
    const statusOf = async (headers: Record<string, string>) =>
      (await send(careless, "GET /api/health", headers)).status;
    expect(await statusOf(API)).toBe(200);
    expect(await statusOf({})).toBe(403);
    for (const value of ["", " ", cutOff]) {
      expect(await statusOf({ "x-origin-verify": value })).toBe(403);
    }
    await careless.stop();
  });

  test("lets the HTTP API's secret through to any path, in any case of the header's name", async () => {
    for (const line of ["GET /api/health", "POST /webhook/whatsapp", "PATCH /api/v1/x?y=%20z"]) {
      expect((await send(proxy, line, { "X-ORIGIN-VERIFY": SECRETS.api })).status).toBe(200);
      expect(recorder.requests.pop()?.line).toBe(line);
    }
  });

  test("lets CloudFront's secret open WebSocket handshakes on the three paths", async () => {
    for (const path of [...SOCKET_PATHS, "/ws?resume_session=a%2Fb%26c"]) {
      const { status } = await send(proxy, `GET ${path}`, { ...WEBSOCKET, ...HANDSHAKE });
      expect(status).toBe(101);
      expect(recorder.requests).toMatchObject([
        { line: `GET ${path}`, headers: { upgrade: "websocket", "sec-websocket-version": "13" } },
      ]);
      recorder.requests.length = 0;
    }
    const upper = { ...HANDSHAKE, upgrade: "WebSocket", connection: "keep-alive, upgrade" };
    expect((await send(proxy, "GET /ws", { ...WEBSOCKET, ...upper })).status).toBe(101);
  });

  test("refuses CloudFront's secret everything else", async () => {
    const paths = [
      "/",
      "/favicon.ico",
      "/static/js/app.js",
      "/api/health",
      "/api/v1/oauth/authorize/consent",
      "/ws/",
      "/ws/cloud",
      "//ws",
      "/%77s",
      "/ws%2f",
      "/ws;x",
      "/ws%3f",
      "/ws/../api/v1/oauth/authorize/consent",
      "/ws%2f..%2fapi%2fhealth",
      "/a/../ws",
      "/./ws",
      "/WS",
      "/api/ws",
      "/static/../ws",
    ];
    for (const path of paths) {
      await expectRefused(`GET ${path}`, { ...WEBSOCKET, ...HANDSHAKE });
      await expectRefused(`POST ${path}`, WEBSOCKET);
    }
    for (const path of SOCKET_PATHS) {
      await expectRefused(`GET ${path}`, WEBSOCKET);
      await expectRefused(`POST ${path}`, { ...WEBSOCKET, ...HANDSHAKE });
      for (const upgrade of ["h2c", "websocket2", "h2c, websocket", "TLS/1.0"]) {
        await expectRefused(`GET ${path}`, { ...WEBSOCKET, ...HANDSHAKE, upgrade });
      }
    }
  });

  test("passes on no upgrade on any other path, and none to another protocol", async () => {
    for (const [line, upgrade] of [
      ["GET /api/health", "websocket"],
      ["GET /api/health", "h2c"],
      ["GET /ws", "h2c"],
      ["POST /ws", "websocket"],
    ] as const) {
      const headers = { ...API, ...HANDSHAKE, upgrade, "http2-settings": "AAMAAABkAAQAAP__" };
      expect((await send(proxy, line, headers)).status).toBe(200);
      expect(recorder.requests.pop()?.headers).not.toHaveProperty("upgrade");
    }
  });

  test("refuses PocketPaw's login, QR code, regeneration, OAuth consent and OAuth callback in every spelling", async () => {
    for (const path of NEVER_REACHED) {
      await expectRefused(`POST ${path}`, API);
      await expectRefused(`GET ${path}`, API);
    }
  });

  test.each([
    ["/api/auth/session", "/api/auth%2Fsession", "/api/auth/sessio%6E", "/api/auth/session?x"],
    [
      "/api/token/regenerate",
      "/api/token%252fregenerate",
      "/api//token/regenerate",
      "/api%2Ftoken/regenerate",
    ],
  ])(
    "passes on %s, which the gateway's regeneration calls, in one spelling",
    async (path, ...others) => {
      expect((await send(proxy, `POST ${path}`, API)).status).toBe(200);
      recorder.requests.length = 0;
      for (const other of [`${path}/`, ...others]) await expectRefused(`POST ${other}`, API);
    },
  );

  test("passes on a path as it came: slashes, dots, encoded characters", async () => {
    const paths = [
      "/api//x///y",
      "/api/a/./b/../c",
      "/api/a%2Fb%20c%3fd%25e%C3%A4",
      "/api/a+b;c=d,e:f@g!$&'()*=~",
      "/api/x?q=a%2Fb&&token=%74&q=../..//",
      "/api/authx/loginx",
      "/api/qrx",
      "/api/token/regenerated",
    ];
    for (const path of paths) {
      expect((await send(proxy, `GET ${path}`, API)).status).toBe(200);
      expect(recorder.requests.pop()?.line).toBe(`GET ${path}`);
    }
  });

  test("tells PocketPaw the public host, https and the caller's address, and no secret", async () => {
    const headers = {
      ...API,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      cookie: "pocketpaw_session=1:2",
    };
    await send(proxy, "GET /api/health", headers);
    const [request] = recorder.requests;
    expect(request?.headers).toMatchObject({
      host: "paw.example.com",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "https",
      cookie: "pocketpaw_session=1:2",
    });
    await send(proxy, "GET /ws", { ...WEBSOCKET, ...HANDSHAKE });
    expect(recorder.requests[1]?.headers["x-forwarded-for"]).toBe("127.0.0.1");
    expect(JSON.stringify(recorder.requests)).not.toMatch(/Secret|origin-verify/i);
  });

  test("lets no script run in what PocketPaw serves beside its page", async () => {
    const untrusted = ["/api/health", "/static/../api/x", "/static/a%2fb", "/uploads/x.html", "/x"];
    for (const path of [...untrusted, "/static", "/static/", "/favicon.ico/x"]) {
      const { headers } = await send(proxy, `GET ${path}`, API);
      expect.soft(headers, path).toMatchObject(UNTRUSTED_RESPONSE_HEADERS);
    }
    const refused = await send(proxy, "GET /api/health");
    expect(refused.headers).toMatchObject(UNTRUSTED_RESPONSE_HEADERS);
  });

  test("leaves the page and its static files their own policy", async () => {
    const paths = PAGE_ROUTES.map((key) =>
      key.replace("GET ", "").replace("{folder}", "css").replace("{file}", "app-1.min.js"),
    );
    for (const path of [...paths, "/?token=x", "/static/css/a.min.css?v=1"]) {
      const { headers } = await send(proxy, `GET ${path}`, API);
      expect.soft(headers["content-security-policy"], path).toBe(OWN_CSP);
    }
  });

  test("takes a body of 10 MB, as an HTTP API does, and none of 11", async () => {
    const line = "POST /api/v1/upload";
    expect((await send(proxy, line, API, Buffer.alloc(10_000_000))).status).toBe(200);
    const tooLarge = await send(proxy, line, API, Buffer.alloc(11_534_336)).catch(() => undefined);
    expect(tooLarge?.status ?? 413).toBeGreaterThanOrEqual(400);
  });

  test("lets no second request through within the first", async () => {
    const head = `Host: x\r\nX-Origin-Verify: ${SECRETS.websocket}\r\n`;
    const inner = "GET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    const attempts = [
      `GET /ws HTTP/1.1\r\n${head}${upgrade}Content-Length: ${inner.length}\r\n\r\n${inner}`,
      `GET /ws HTTP/1.1\r\n${head}${upgrade}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
      `GET /ws HTTP/1.1\r\n${head}${upgrade}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${inner}`,
      `GET /ws HTTP/1.1\r\n${head}${upgrade}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${inner}`,
      `GET /ws HTTP/1.1\r\n${head}${upgrade}X-Origin-Verify : ${SECRETS.api}\r\n\r\n${inner}`,
      `GET /ws HTTP/1.1\r\n${head}${upgrade}X: y\n\n${inner}`,
      `GET https://x/api/smuggled HTTP/1.1\r\n${head}\r\n`,
      `GET /ws HTTP/1.0\r\n${head}\r\n${inner}`,
      `GET /ws /api/smuggled HTTP/1.1\r\n${head}${upgrade}\r\n`,
      `GET /api/smuggled#/ws HTTP/1.1\r\n${head}${upgrade}\r\n`,
    ];
    for (const attempt of attempts) await sendRaw(proxy, attempt);
    expect(recorder.requests.filter(({ line }) => line.includes("smuggled"))).toEqual([]);
  });

  test("accepts old and new values while a secret is rotated, and then the new alone", async () => {
    const statuses = async () => {
      const http = [SECRETS.api, SECRETS.newApi].map((value) =>
        send(proxy, "GET /api/health", { "x-origin-verify": value }),
      );
      const socket = [SECRETS.websocket, SECRETS.newWebsocket].map((value) =>
        send(proxy, "GET /ws", { ...HANDSHAKE, "x-origin-verify": value }),
      );
      return (await Promise.all([...http, ...socket])).map(({ status }) => status);
    };
    const renewed = [
      [SECRETS.newApi, "api"],
      [SECRETS.newWebsocket, "websocket"],
    ] as const;
    expect(await statuses()).toEqual([200, 403, 101, 403]);
    await proxy.accept([...BOTH, ...renewed]);
    await expect.poll(statuses, { timeout: 10_000 }).toEqual([200, 200, 101, 101]);
    await proxy.accept(renewed);
    await expect.poll(statuses, { timeout: 10_000 }).toEqual([403, 200, 403, 101]);
    await proxy.accept(BOTH);
    await expect.poll(statuses, { timeout: 10_000 }).toEqual([200, 403, 101, 403]);
  });

  test("logs neither secret, nor query, also when PocketPaw is down", async () => {
    const down = await start({ publicHost: "paw.example.com", upstreamPort: 1, directory });
    const query = "token=QueryToken";
    await send(down, `GET /api/x?${query}`, { ...API, cookie: "pocketpaw_session=CookieToken" });
    await send(down, `GET /ws?${query}`, { ...WEBSOCKET, ...HANDSHAKE });
    await send(down, `GET /api/x?${query}`, { "x-origin-verify": "SecretWrong" });
    await down.stop();
    expect(down.logs()).not.toMatch(/Secret|QueryToken|CookieToken/);
    expect(proxy.logs()).not.toMatch(/Secret[A-Z]|QueryToken|CookieToken/);
  });
});
