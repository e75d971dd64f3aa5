// `npm start` as the gateway that real nginx and real Caddy ask, in front of a real PocketPaw: what must get through to it
// by way of `verify`, and what must not.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPocketPaw } from "../deployed/support/pocketpaw.ts";
import { installPython } from "../deployed/support/tools.ts";
import { makeFolder } from "../support/checkout.ts";
import { HANDSHAKE, type Headers, open, send, type Target } from "../support/http.ts";
import { startGateway } from "../support/offline.ts";
import { pairingToken, pocketPawToken, sessionToken } from "../support/tokens.ts";
import { PROXIES, type RunningProxy, SECRETS } from "./support/proxies.ts";
import { startRecorder } from "./support/recorder.ts";

const publicHost = "paw.example.com";
const secret = { "x-origin-verify": SECRETS.direct };
const exp = Math.floor(Date.now() / 1000) + 3600;
const closing: (() => unknown)[] = [];
let pocketPaw: Awaited<ReturnType<typeof startPocketPaw>>;
let proxies: RunningProxy[];
/** The same, in front of a server that responds after 40 s. */
let slow: RunningProxy[];
/** PocketPaw's home folder. */
let home: string;
let masterToken: string;
let hmacKey: string;

beforeAll(async () => {
  await installPython();
  const { directory, remove } = makeFolder();
  closing.push(remove);
  home = join(directory, "home");
  pocketPaw = await startPocketPaw(directory);
  masterToken = pocketPaw.masterToken;
  const slowServer = await startRecorder();
  closing.push(pocketPaw.stop, slowServer.close);
  slowServer.answer = { status: 200, wait: () => setTimeout(40_000) };
  const environment = { HOME: home };
  const gateway = await startGateway({ originUrl: pocketPaw.url }, { environment });
  closing.push(gateway.stop);
  [hmacKey] = JSON.parse(readFileSync(join(gateway.stateDirectory, "hmac-key.json"), "utf8"));
  const startAll = (upstreamPort: number) =>
    Promise.all(
      PROXIES.map(([, start]) => start({ publicHost, upstreamPort, directory, gateway })),
    );
  proxies = await startAll(pocketPaw.port);
  slow = await startAll(slowServer.port);
  closing.push(...[...proxies, ...slow].map(({ stop }) => stop));
});
afterAll(async () => {
  for (const end of closing.reverse()) await end();
});

/** The texts of an event stream, one by one. */
async function* read(to: Target, path: string, headers: Headers) {
  const { incoming } = await open(to, `GET ${path}`, headers);
  for await (const chunk of incoming) yield String(chunk);
}

function credentials(token = sessionToken(masterToken, hmacKey, exp)) {
  const cookie = `__Host-pocketpaw_session=${encodeURIComponent(token)}`;
  return {
    bearer: { ...secret, authorization: `Bearer ${token}` },
    cookie: { ...secret, cookie, origin: `https://${publicHost}` },
  };
}

test("a stream's first event and its keepalive after 30 s, and an answer after 40 s", async () => {
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
  const uses = proxies.flatMap((proxy) =>
    ["/ws", "/v1/ws", "/api/v1/ws"].flatMap((path) =>
      Object.values(credentials()).map((headers) => [proxy, path, headers] as const),
    ),
  );
  for (const [proxy, path, headers] of uses) {
    // PocketPaw allows an address two a second, and what it refuses looks like any refusal.
    await setTimeout(500);
    expect(await send(proxy, `GET ${path}`, { ...HANDSHAKE, ...headers })).toMatchObject({
      status: 101,
      text: expect.stringContaining("connection_info"),
    });
  }
});

test("no other credential, no ended session and no page of another origin gets through", async () => {
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
