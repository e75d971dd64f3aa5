// Rule 4 of the example's reverse proxies: CloudFront's requests are asked about at `verify`, and nothing but its yes
// lets one through.
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { HANDSHAKE, send } from "../support/http.ts";
import { PROXIES } from "./support/proxies.ts";
import { startRecorder } from "./support/recorder.ts";
import { API, DIRECT, MINTED, useStand, VERIFIED } from "./support/stand.ts";

/** What a client sends to look like a request that was decided about. */
const FORGED = {
  "x-original-method": ["GET", "GET"],
  "x-original-uri": "/api/health",
  "x-original-host": "evil.example",
  "x-pocketpaw-cookie": "pocketpaw_session=forged",
  "x-forwarded-for": "127.0.0.1",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "http",
  forwarded: "for=127.0.0.1",
};
const CREDENTIALS = {
  authorization: "Bearer session:1:x",
  cookie: "a=b; __Host-pocketpaw_session=session:1:y",
  origin: "https://paw.example.com",
  "sec-fetch-site": "same-origin",
};

describe.each(PROXIES)("%s", (name, start) => {
  const stand = useStand(start);

  test("asks with the original request's method, address and credentials, and nothing of the client's own", async () => {
    const headers = { ...DIRECT, ...FORGED, ...CREDENTIALS };
    await stand.send("POST /api/v1/chat?x=%2f", headers, Buffer.from("GET /api/auth/verify"));
    await stand.send("GET /ws?resume_session=a", { ...headers, ...HANDSHAKE });
    const line = "GET /api/auth/verify";
    const request = { line, body: "", httpVersion: "1.1", serverName: "localhost" };
    expect(stand.api.requests).toMatchObject([request, request]);
    const sent = {
      ...CREDENTIALS,
      host: new URL(stand.options.gateway.url).host,
      "x-original-host": "paw.example.com",
    };
    const [chat, socket] = stand.api.requests.map((request) => request.headers);
    const key = HANDSHAKE["sec-websocket-key"];
    expect(chat).toMatchObject({
      ...sent,
      "x-original-method": "POST",
      "x-original-uri": "/api/v1/chat?x=%2f",
    });
    expect(socket).toMatchObject({
      ...sent,
      "x-original-method": "GET",
      "x-original-uri": "/ws?resume_session=a",
      "sec-websocket-key": key,
    });
    const asked = JSON.stringify(stand.api.requests);
    expect(asked).not.toMatch(/origin-verify|x-forwarded|"upgrade"|content-length|chunked/i);
    // Caddy can only leave out headers.
    if (name === "nginx")
      expect(asked).not.toMatch(/forged|evil|127\.0\.0\.1|sec-websocket-version/);
  });

  test("passes an allowed request on with the cookie of verify, and no credential of the client's", async () => {
    const headers = { ...DIRECT, ...FORGED, ...CREDENTIALS };
    const body = "GET /api/auth/verify HTTP/1.1\r\n\r\n";
    expect((await stand.send("POST /api/v1/chat", headers, Buffer.from(body))).status).toBe(200);
    expect((await stand.send("GET /ws", { ...headers, ...HANDSHAKE })).status).toBe(101);
    expect(stand.upstream.requests).toMatchObject([
      { line: "POST /api/v1/chat", body, headers: { cookie: MINTED } },
      { line: "GET /ws", headers: { cookie: MINTED, upgrade: "websocket" } },
    ]);
    expect(JSON.stringify(stand.upstream.requests)).not.toMatch(
      /x-original|forged|session:1|authorization|origin-verify/,
    );
  });

  test("responds as verify does when it says no: 401 with the challenge, 403", async () => {
    const challenge = 'Bearer realm="pocketpaw", error="invalid_token"';
    const headers = { "www-authenticate": challenge, "set-cookie": "x=y" };
    for (const line of ["GET /api/x", "POST /api/v1/chat", "GET /ws"]) {
      stand.api.answer = { status: 401, headers };
      const unauthorized = await stand.send(line, { ...DIRECT, ...HANDSHAKE });
      expect(unauthorized).toMatchObject({
        status: 401,
        headers: { "www-authenticate": challenge, "cache-control": "no-store" },
      });
      expect(unauthorized.headers).not.toHaveProperty("set-cookie");
      stand.api.answer = { status: 403 };
      expect(await stand.send(line, { ...DIRECT, ...HANDSHAKE })).toMatchObject({
        status: 403,
        headers: { "cache-control": "no-store" },
      });
    }
    expect(stand.upstream.requests).toEqual([]);
  });

  const UNAVAILABLE = {
    status: 503,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "retry-after": "5",
    },
    text: '{"detail": "PocketPaw or the gateway does not respond"}',
  };

  test("responds 503 to any other answer of verify, and lets nothing through", async () => {
    const cookie = { "x-pocketpaw-cookie": MINTED };
    const answers = [
      { status: 204 },
      { status: 204, headers: { "x-pocketpaw-cookie": "" } },
      { status: 200, headers: cookie },
      { status: 200 },
      ...[206, 301, 302, 304, 404, 429, 500, 502, 503].map((status) => ({
        status,
        headers: cookie,
      })),
    ];
    for (const answer of answers) {
      stand.api.answer = answer;
      for (const line of ["GET /api/x", "POST /api/v1/chat", "GET /ws"]) {
        // Neither a cookie nor an answer that the client made up stands in for the missing one.
        const headers = { ...DIRECT, ...HANDSHAKE, ...FORGED, cookie: MINTED };
        expect
          .soft(await stand.send(line, headers), JSON.stringify(answer))
          .toMatchObject(UNAVAILABLE);
      }
    }
    expect(stand.upstream.requests).toEqual([]);
  });

  test("responds 503 while the API is down or silent, its certificate another's or untrusted, its TLS old", async () => {
    const directory = mkdtempSync(join(stand.options.directory, "wrong-"));
    const other = await makeCertificate(directory, "DNS:other.example");
    const own = stand.options.gateway.caFile ?? "";
    const right = { certFile: own, keyFile: own.replace("cert.pem", "key.pem") };
    const old = {
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      ciphers: "DEFAULT@SECLEVEL=0",
    } as const;
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const cases = [
      { server: { port, close: () => silent.close(), requests: [] }, caFile: own },
      { server: await startRecorder(other), caFile: other.certFile },
      { server: await startRecorder(other), caFile: own },
      { server: await startRecorder(right, old), caFile: own },
      { server: await startRecorder(), caFile: own },
      { server: await startRecorder(right), caFile: own, answer: "nothing" as const },
      { server: { port: 1, close: () => undefined, requests: [] }, caFile: own },
    ];
    const check = async ({ server, caFile, answer }: (typeof cases)[number]) => {
      onTestFinished(async () => void (await server.close()));
      Object.assign(server, { answer: answer ?? VERIFIED });
      const gateway = { ...stand.options.gateway, url: `https://localhost:${server.port}`, caFile };
      const proxy = await start({ ...stand.options, gateway });
      onTestFinished(proxy.stop);
      expect.soft(await send(proxy, "GET /api/x", DIRECT)).toMatchObject(UNAVAILABLE);
      // The HTTP API's are not asked about.
      expect.soft((await send(proxy, "GET /", API)).status).toBe(200);
      if (answer !== "nothing") expect.soft(server.requests).toEqual([]);
    };
    await Promise.all(cases.map(check));
    expect(stand.upstream.requests.map(({ line }) => line)).toEqual(cases.map(() => "GET /"));
  });

  test("asks about every request anew", async () => {
    expect((await stand.send("GET /api/x", DIRECT)).status).toBe(200);
    stand.api.answer = { status: 401 };
    expect((await stand.send("GET /api/x", DIRECT)).status).toBe(401);
  });

  test("responds 503 while PocketPaw is down", async () => {
    const down = await start({ ...stand.options, upstreamPort: 1 });
    onTestFinished(down.stop);
    for (const headers of [API, DIRECT]) {
      expect(await send(down, "GET /", headers)).toMatchObject(UNAVAILABLE);
    }
  });
});
