import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { pairingToken, pocketPawToken, sessionToken } from "../../support/tokens.ts";
import { begin, HANDSHAKE, type Headers, type Response, send, type Target } from "./client.ts";

/** Proxies in front of a real PocketPaw that ask a real gateway. */
export interface DirectPaths {
  readonly proxies: readonly Target[];
  /** The same, in front of a server that responds after 40 s. */
  readonly slow: readonly Target[];
  /** CloudFront's upstream secret. */
  readonly secret: string;
  readonly masterToken: string;
  readonly hmacKey: string;
  /** The host that browsers use. */
  readonly publicHost: string;
  /** PocketPaw's. */
  readonly home: string;
  readonly pocketPaw: Target;
}

const exp = Math.floor(Date.now() / 1000) + 3600;
/** A handshake of each test: PocketPaw allows an address two a second, and what it refuses looks like any refusal. */
let nextTurn = 0;

/** Opens PocketPaw's WebSocket. @returns the status, and what PocketPaw sends first */
export async function openChat(to: Target, path: string, headers: Headers): Promise<Response> {
  const turn = Math.max(nextTurn, Date.now());
  nextTurn = turn + 500;
  await setTimeout(turn - Date.now());
  return send(to, `GET ${path}`, { ...HANDSHAKE, ...headers });
}

/** The texts of an event stream, one by one. */
async function* read(to: Target, path: string, headers: Headers) {
  const outgoing = begin(to, { path, headers }).end();
  const [response] = await once(outgoing, "response");
  for await (const chunk of response as IncomingMessage) yield String(chunk);
}

/** The tests of what must get through to a real PocketPaw by way of `verify`, and what must not. */
export function testDirectPaths(paths: () => DirectPaths): void {
  const credentials = (token = sessionToken(paths().masterToken, paths().hmacKey, exp)) => {
    const { secret, publicHost } = paths();
    const cookie = `__Host-pocketpaw_session=${encodeURIComponent(token)}`;
    return {
      bearer: { "x-origin-verify": secret, authorization: `Bearer ${token}` },
      cookie: { "x-origin-verify": secret, cookie, origin: `https://${publicHost}` },
    };
  };

  test("a stream's first event and its keepalive after 30 s, and an answer after 40 s", async () => {
    const { proxies, slow } = paths();
    const watch = async (proxy: Target, headers: Headers) => {
      const events = read(proxy, "/api/v1/events/stream", headers);
      // PocketPaw sends nothing after the first for 30 s: whatever waits for more does not get this far in 20.
      const first = await Promise.race([events.next(), setTimeout(20_000)]);
      expect(first).toMatchObject({ value: expect.stringContaining("event: connected") });
      for await (const text of events) if (text.includes(": keepalive")) return 200;
      return "ended";
    };
    const both = Object.values(credentials());
    const answer = async (proxy: Target, headers: Headers) =>
      (await send(proxy, "POST /api/v1/chat", headers, "{}")).status;
    const waits = [
      ...slow.flatMap((proxy) => both.map((headers) => answer(proxy, headers))),
      ...proxies.flatMap((proxy) => both.map((headers) => watch(proxy, headers))),
    ];
    expect(new Set(await Promise.all(waits))).toEqual(new Set([200]));
  }, 90_000);

  test("a GET, a POST with a body, a redirect, and 12 MB up and down, by bearer token and by cookie", async () => {
    const { proxies, home, publicHost } = paths();
    const content = "x".repeat(12_000_000);
    const uses = proxies.flatMap((proxy) =>
      Object.values(credentials()).map((headers) => [proxy, headers] as const),
    );
    for (const [proxy, headers] of uses) {
      const got = await send(proxy, "GET /api/v1/identity", headers);
      expect(JSON.parse(got.text)).toHaveProperty("identity_file");
      const redirect = await send(proxy, "GET /api/identity/?x=1", headers);
      expect(redirect.headers.location).toBe(`https://${publicHost}/api/identity?x=1`);
      writeFileSync(join(home, "large.txt"), "");
      const json = { ...headers, "content-type": "application/json" };
      const body = JSON.stringify({ path: "large.txt", content });
      const up = await send(proxy, "POST /api/v1/files/write", json, body);
      expect(up).toMatchObject({ status: 200, text: '{"ok":true}' });
      const down = await send(proxy, "GET /api/v1/files/download?path=large.txt", headers);
      expect(down.text === content).toBe(true);
    }
  });

  test("the chat, by bearer token and by cookie, on each of the three paths", async () => {
    const uses = paths().proxies.flatMap((proxy) =>
      ["/ws", "/v1/ws", "/api/v1/ws"].flatMap((path) =>
        Object.values(credentials()).map((headers) => [proxy, path, headers] as const),
      ),
    );
    for (const use of uses) {
      expect(await openChat(...use)).toMatchObject({
        status: 101,
        text: expect.stringContaining("connection_info"),
      });
    }
  });

  test("no other credential, no ended session and no page of another origin gets through", async () => {
    const { proxies, pocketPaw, masterToken, hmacKey, publicHost } = paths();
    const own = `pocketpaw_session=${pocketPawToken(masterToken, exp)}`;
    const created = await send(
      pocketPaw,
      "POST /api/v1/auth/api-keys",
      { cookie: own, "content-type": "application/json" },
      JSON.stringify({ name: "front", scopes: ["chat"] }),
    );
    const { key } = JSON.parse(created.text);
    expect(key).toMatch(/^pp_/);
    const tokens = [
      "",
      key,
      pocketPawToken(masterToken, exp),
      pairingToken(masterToken, hmacKey, exp, exp),
      sessionToken(masterToken, hmacKey, 1_000_000_000),
      sessionToken("another master token", hmacKey, exp),
    ];
    const secret = { "x-origin-verify": paths().secret };
    const refused: Headers[] = [
      secret,
      { ...secret, cookie: own },
      { ...secret, cookie: `pocketpaw_session=${key}` },
      { ...secret, "sec-websocket-protocol": key },
      { ...secret, "x-pocketpaw-cookie": own, "x-original-method": "GET" },
      ...tokens.flatMap((token) => Object.values(credentials(token))),
    ];
    const statusesOf = (line: string, headers: Headers) =>
      Promise.all(proxies.map(async (proxy) => (await send(proxy, line, headers)).status));
    const all = (status: number) => proxies.map(() => status);
    for (const headers of refused) {
      const label = JSON.stringify(headers);
      const handshake = { ...HANDSHAKE, ...headers };
      expect.soft(await statusesOf("GET /api/v1/identity", headers), label).toEqual(all(401));
      expect.soft(await statusesOf("GET /ws", handshake), label).toEqual(all(401));
    }
    for (const origin of ["https://evil.example", `http://${publicHost}`, "null", ""]) {
      const headers = { ...credentials().cookie, origin };
      const handshake = { ...HANDSHAKE, ...headers };
      expect.soft(await statusesOf("GET /ws", handshake), origin).toEqual(all(403));
      if (origin === "") continue;
      expect.soft(await statusesOf("POST /api/v1/files/write", headers), origin).toEqual(all(403));
    }
  });
}
