// Rule 5 of the example's reverse proxies, and how requests and responses pass through them.
import { once } from "node:events";
import { connect } from "node:tls";
import { describe, expect, test } from "vitest";
import { UNTRUSTED_RESPONSE_HEADERS } from "../../deploy/routes.js";
import { HANDSHAKE, open, sendRaw } from "../support/http.ts";
import { BOTH, PROXIES, SECRETS } from "./support/proxies.ts";
import { OWN_CSP } from "./support/recorder.ts";
import { API, DIRECT, MINTED, useStand } from "./support/stand.ts";

const AUTHORIZED = { ...API, cookie: MINTED };

describe.each(PROXIES)("%s", (_name, start) => {
  const stand = useStand(start);
  const last = () => stand.upstream.requests.pop();

  test("passes a WebSocket handshake on for CloudFront's secret, on the three paths", async () => {
    for (const path of ["/ws", "/v1/ws", "/api/v1/ws", "/ws?resume_session=a%2Fb%26c"]) {
      const { status } = await stand.send(`GET ${path}`, { ...DIRECT, ...HANDSHAKE });
      expect(status).toBe(101);
      expect(last()).toMatchObject({
        line: `GET ${path}`,
        headers: { upgrade: "websocket", "sec-websocket-version": "13" },
      });
    }
    const mixed = { ...HANDSHAKE, upgrade: "WebSocket", connection: "keep-alive, upgrade" };
    expect((await stand.send("GET /ws", { ...DIRECT, ...mixed })).status).toBe(101);
  });

  test("passes on no other upgrade", async () => {
    const cases = [
      ["GET /api/v1/events/stream", "websocket", DIRECT],
      ["POST /api/v1/chat", "websocket", DIRECT],
      ["GET /ws", "h2c", DIRECT],
      ["GET /ws", "h2c, websocket", DIRECT],
      ["GET /ws", "websocket2", DIRECT],
      ["GET /api/health", "websocket", AUTHORIZED],
      ["GET /", "h2c", AUTHORIZED],
    ] as const;
    for (const [line, upgrade, headers] of cases) {
      const upgraded = { ...headers, ...HANDSHAKE, upgrade, "http2-settings": "AAMAAABkAAQAAP__" };
      expect((await stand.send(line, upgraded)).status, `${line} ${upgrade}`).toBe(200);
      expect(last()?.headers).not.toHaveProperty("upgrade");
    }
  });

  test("tells PocketPaw the public host, https and the caller's address, and no secret of the client's", async () => {
    const forged = { "x-forwarded-for": "9.9.9.9", "x-forwarded-proto": "http" };
    const cases = [
      ["GET /", API],
      ["GET /api/health", AUTHORIZED],
      ["GET /api/v1/events/stream", DIRECT],
      ["GET /ws", { ...DIRECT, ...HANDSHAKE }],
      // The gateway's own two requests: in them the bearer token is the gateway's.
      ["POST /api/auth/session", AUTHORIZED],
      ["POST /api/token/regenerate", AUTHORIZED],
    ] as const;
    for (const [line, headers] of cases) {
      await stand.send(line, { ...headers, ...forged, authorization: "Bearer x" });
      const { headers: sent } = last() ?? {};
      expect(sent, line).toMatchObject({
        host: "paw.example.com",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "https",
      });
      expect(sent?.authorization, line).toBe(line.startsWith("POST") ? "Bearer x" : undefined);
      expect(JSON.stringify(sent)).not.toMatch(/Secret|origin-verify/i);
    }
  });

  test("of what PocketPaw responds no script runs beside its page, and no cookie or CORS header comes back", async () => {
    const own = {
      "content-security-policy": OWN_CSP,
      "x-frame-options": "DENY",
      "service-worker-allowed": "/",
      "cross-origin-resource-policy": "cross-origin",
    };
    const cors = Object.fromEntries(
      ["origin", "credentials", "methods", "headers", "private-network"].map((name) => [
        `access-control-allow-${name}`,
        "true",
      ]),
    );
    const leaks = { ...cors, "access-control-expose-headers": "x", "access-control-max-age": "9" };
    stand.upstream.answer = {
      status: 200,
      headers: { ...own, ...leaks, "set-cookie": ["a=b", "c=d"] },
    };
    for (const path of [
      "/api/x",
      "/api/v1/files/content?path=x.html",
      "/webhook/whatsapp",
      "/ws",
    ]) {
      for (const secret of path === "/ws" ? [DIRECT] : [AUTHORIZED, DIRECT]) {
        const { headers } = await stand.send(`GET ${path}`, secret);
        expect.soft(headers, path).toMatchObject(UNTRUSTED_RESPONSE_HEADERS);
        expect.soft(headers, path).toHaveProperty("cache-control", "no-store");
        expect.soft(Object.keys(headers).join(), path).not.toMatch(/access-control|cookie|frame/);
      }
    }
    for (const path of ["/", "/?x=y", "/favicon.ico", "/static/css/a.min.css?v=1"]) {
      const { headers } = await stand.send(`GET ${path}`, API);
      expect.soft(headers, path).toMatchObject(own);
      expect.soft(Object.keys(headers).join(), path).not.toMatch(/access-control|cookie/);
    }
    stand.upstream.answer = { status: 404, headers: { ...own, "cache-control": "max-age=9" } };
    const { headers } = await stand.send("GET /api/x", DIRECT);
    expect(headers).toMatchObject({ ...UNTRUSTED_RESPONSE_HEADERS, "cache-control": "max-age=9" });
  });

  test("takes 10,240 bytes of headers and a body of 12 MB", async () => {
    const cookie = `a=${"x".repeat(9_800)}`;
    const body = Buffer.alloc(12_000_000, "x");
    const response = await stand.send("POST /api/v1/upload", { ...DIRECT, cookie }, body);
    expect(response.status).toBe(200);
    expect(last()?.body).toHaveLength(body.length);
    expect(stand.api.requests).toMatchObject([{ body: "", headers: { cookie } }]);
  });

  test("does not wait for the end of a response, and a reload does not end it", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    // With its length, as a file is downloaded: Caddy passes a response of unknown length on at once anyway.
    const headers = { "content-length": "first upstream".length };
    stand.upstream.answer = { status: 200, headers, isStreamed: true, wait: () => released };
    const { incoming: response } = await open(stand.proxy, "GET /api/v1/chat", DIRECT);
    expect(String((await once(response, "data"))[0])).toBe("first ");
    await stand.proxy.accept(BOTH.slice(1));
    const statusOfApi = async () => (await stand.send("GET /x", API)).status;
    await expect.poll(statusOfApi, { timeout: 10_000 }).toBe(403);
    release();
    expect(String(await response.toArray())).toBe("upstream");
    await stand.proxy.accept(BOTH);
    await expect.poll(statusOfApi, { timeout: 10_000 }).toBe(404);
  });

  test("does not wait for the end of a body before it passes on the beginning", async () => {
    const { port, ca } = stand.proxy;
    const socket = connect({ host: "127.0.0.1", port, ca });
    const head = `X-Origin-Verify: ${SECRETS.direct}\r\nHost: 127.0.0.1\r\nContent-Length: 2`;
    socket.write(`POST /api/v1/chat HTTP/1.1\r\n${head}\r\n\r\nx`);
    await expect.poll(() => stand.upstream.begun()).toBe("POST /api/v1/chat");
    socket.destroy();
  });

  test("speaks TLS 1.2 and 1.3, and nothing older", async () => {
    const options = { host: "127.0.0.1", port: stand.proxy.port, ca: stand.proxy.ca };
    const versionOf = (maxVersion: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") =>
      new Promise((resolve) => {
        const ciphers = "DEFAULT@SECLEVEL=0";
        const socket = connect({ ...options, minVersion: "TLSv1", maxVersion, ciphers }, () => {
          resolve(socket.getProtocol());
          socket.destroy();
        }).once("error", () => resolve("refused"));
      });
    const versions = ["TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
    expect(await Promise.all(versions.map(versionOf))).toEqual(["refused", "TLSv1.2", "TLSv1.3"]);
  });

  test("lets no second request through within the first", async () => {
    const inner = "GET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    const attempts = [
      `GET /ws HTTP/1.1|${upgrade}Content-Length: ${inner.length}\r\n\r\n${inner}`,
      `GET /ws HTTP/1.1|${upgrade}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
      `GET /ws HTTP/1.1|${upgrade}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${inner}`,
      `GET /ws HTTP/1.1|${upgrade}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${inner}`,
      `GET /ws HTTP/1.1|${upgrade}X-Origin-Verify : ${SECRETS.api}\r\n\r\n${inner}`,
      `GET /ws HTTP/1.1|${upgrade}X: y\n\n${inner}`,
      `GET /ws HTTP/1.0|\r\n${inner}`,
      `GET /ws /api/smuggled HTTP/1.1|${upgrade}\r\n`,
      `GET /api/smuggled#/ws HTTP/1.1|${upgrade}\r\n`,
    ];
    const head = `\r\nHost: 127.0.0.1\r\nX-Origin-Verify: ${SECRETS.direct}\r\n`;
    await Promise.all(attempts.map((attempt) => sendRaw(stand.proxy, attempt.replace("|", head))));
    const lines = [...stand.upstream.requests, ...stand.api.requests].map(({ line }) => line);
    expect(lines.filter((line) => line.includes("smuggled"))).toEqual([]);
  });
});
