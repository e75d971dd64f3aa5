// The packaged template's distribution, run by a front of the tests: HTTP goes to the API on the emulator, WebSocket to
// PocketPaw, both through the example's proxies.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { send } from "../deployed/support/http.ts";
import { openChat, takeTurn } from "./support/chat.ts";
import { HANDSHAKE, send as sendToProxy } from "./support/client.ts";
import { type Gateway, PUBLIC_HOST, startGateway } from "./support/gateway.ts";
import { watchForOutages } from "./support/outages.ts";
import { type Accepted, PROXIES, type RunningProxy } from "./support/proxies.ts";

/** How long a proxy's reload may take to show. */
const PATIENCE = { timeout: 10_000 };
const origin = `https://${PUBLIC_HOST}`;
const browser = { host: PUBLIC_HOST, origin };

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway();
}, 300_000);
afterAll(() => gateway?.close());

/** Stores new values of both secrets. */
async function putUpstreamSecrets(api: string, direct: string) {
  return {
    apiSecretVersionId: await gateway.putSecret("ApiUpstreamSecretArn", api),
    directSecretVersionId: await gateway.putSecret("DirectUpstreamSecretArn", direct),
  };
}

async function acceptedNow(): Promise<readonly Accepted[]> {
  return [
    [await gateway.secret("ApiUpstreamSecretArn"), "api"],
    [await gateway.secret("DirectUpstreamSecretArn"), "direct"],
  ];
}

/** The cookie of a new session, by a login through the front. */
async function logIn(): Promise<string> {
  const body = { token: await gateway.secret("MasterTokenSecretArn") };
  const { headers } = await send(gateway.front.url, "POST /api/auth/login", {
    headers: browser,
    body,
  });
  return headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
}

describe.each(PROXIES)("through %s", (_name, start) => {
  let proxy: RunningProxy;
  let cookie: string;
  let apiKey: string;

  beforeAll(async () => {
    const { directory, pocketPaw, relay } = gateway;
    proxy = await start({
      publicHost: PUBLIC_HOST,
      upstreamPort: pocketPaw.port,
      directory,
      gateway: gateway.api,
      accepted: await acceptedNow(),
    });
    relay.leadTo(proxy);
    cookie = await logIn();
    const created = await send(pocketPaw.url, "POST /api/v1/auth/api-keys", {
      headers: { cookie },
      body: { name: "one-host-name.test", scopes: ["chat"] },
    });
    apiKey = (created.json() as { key: string }).key;
    expect(apiKey).toMatch(/^pp_/);
  });
  afterAll(() => proxy?.stop());

  const get = (path: string, headers: Record<string, string>) =>
    send(gateway.front.url, `GET ${path}`, { headers: { ...browser, ...headers } });
  const chat = async (path: string, headers: Record<string, string>) => {
    await takeTurn();
    return openChat(gateway.front.port, path, { ...browser, ...headers });
  };

  test("the page and the API respond, the API to a credential only", async () => {
    expect((await get("/", {})).text).toContain("<title>");
    expect((await get("/", { "x-origin-verify": "a client's own" })).status).toBe(200);
    expect((await get("/api/identity", { cookie })).json()).toHaveProperty("identity_file");
    expect((await get("/api/identity", {})).status).toBe(403);
  });

  test.each(["/ws", "/v1/ws", "/api/v1/ws"])("the chat connects by cookie on %s", async (path) => {
    expect(await chat(path, { cookie })).toBe("connection_info");
  });

  test("the chat does not connect from a foreign page, without the cookie, or by an API key", async () => {
    const direct = (path: string) => openChat(gateway.pocketPaw.port, path, { origin });
    expect(await direct(`/ws?token=${apiKey}`)).toBe("connection_info");
    const expired = cookie.replace(/=[0-9]+:/, "=1000000000:");
    const refused: [path: string, headers: Record<string, string>][] = [
      ["/ws", { cookie, origin: "https://evil.example" }],
      ["/ws", { cookie, origin: `http://${PUBLIC_HOST}` }],
      ["/ws", {}],
      [`/ws?token=${apiKey}`, {}],
      [`/ws?%74oken=${apiKey}`, {}],
      [`/ws?token=${apiKey}`, { cookie: expired }],
      ["/ws", { cookie: `pocketpaw_session=${apiKey}` }],
      ["/ws", { cookie: expired, authorization: `Bearer ${apiKey}` }],
      ["/ws", { cookie: expired, "sec-websocket-protocol": apiKey }],
    ];
    for (const [path, headers] of refused) {
      expect.soft(await chat(path, headers), `${path} ${JSON.stringify(headers)}`).toBe(403);
    }
  });

  test("the chat connects on no other path", async () => {
    const spellings = ["/ws/", "//ws", "/%77s", "/WS", "/ws%2f", "/x/../ws", "/api/v1//ws"];
    const others = ["/", "/api/ws", "/ws/../api/health", "/api/v1/oauth/authorize/consent"];
    for (const path of [...spellings, ...others]) {
      // None reaches PocketPaw's WebSocket, so that none needs a turn.
      const result = await openChat(gateway.front.port, path, { ...browser, cookie });
      expect.soft(result, path).toBeTypeOf("number");
    }
  });

  test("the three paths carry nothing but WebSocket handshakes", async () => {
    expect((await get("/ws", { cookie })).status).toBe(403);
    const post = await send(gateway.front.url, "POST /ws", { headers: { ...browser, cookie } });
    expect(post.status).toBe(403);
  });

  test("the proxy responds 403 without a secret, and to CloudFront's on all but the three paths", async () => {
    const direct = { "x-origin-verify": await gateway.secret("DirectUpstreamSecretArn") };
    const lines = [
      "GET /",
      "GET /api/identity",
      "GET /api/v1/oauth/authorize/consent",
      "POST /api/v1/oauth/authorize/consent",
    ];
    for (const line of lines) {
      expect.soft((await sendToProxy(proxy, line, { cookie })).status, line).toBe(403);
      const asked = { ...direct, ...HANDSHAKE, cookie };
      expect.soft((await sendToProxy(proxy, line, asked)).status, line).toBe(403);
    }
    expect((await sendToProxy(proxy, "GET /ws", { ...HANDSHAKE, cookie })).status).toBe(403);
    const handshake = { ...direct, ...HANDSHAKE, cookie };
    expect((await sendToProxy(proxy, "GET /ws", handshake)).status).toBe(101);
  });

  test("a redirect leads to the public host", async () => {
    // Asked at the proxy as the HTTP API asks: the emulator's proxy follows redirects itself, and passes on no
    // response header but the content type.
    const headers = { "x-origin-verify": await gateway.secret("ApiUpstreamSecretArn"), cookie };
    const redirect = await sendToProxy(proxy, "GET /api/identity/?x=1", headers);
    expect(redirect.status).toBe(307);
    expect(redirect.headers.location).toBe(`${origin}/api/identity?x=1`);
  });

  test("regeneration shows the proxy the HTTP API's secret", async () => {
    const response = await send(gateway.front.url, "POST /api/token/regenerate", {
      headers: { ...browser, cookie },
    });
    expect(response.status).toBe(200);
    const { token } = response.json() as { token: string };
    expect(await gateway.secret("MasterTokenSecretArn")).toBe(token);
    expect(await chat("/ws", { cookie })).toBe(403);
    cookie = response.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    expect(await chat("/ws", { cookie })).toBe("connection_info");
  });

  test("the upstream secrets are rotated without an outage", async () => {
    const ask = async () => {
      const { status } = await get("/", {});
      const opened = await chat("/ws", { cookie });
      // Caddy closes WebSockets when it reloads, and the dashboard opens a new one.
      return [status, opened === "closed" ? await chat("/ws", { cookie }) : opened];
    };
    const stop = watchForOutages(ask);

    // As docs/behind-pocketpaw.md says, for both secrets at once.
    const old = await acceptedNow();
    const api = await gateway.randomValue();
    const direct = await gateway.randomValue();
    const renewed = [[api, "api"] as const, [direct, "direct"] as const];

    await proxy.accept([...old, ...renewed]);

    await gateway.deploy(await putUpstreamSecrets(api, direct));

    await proxy.accept(renewed);

    const statusFor = async ([value]: Accepted) =>
      (await sendToProxy(proxy, "GET /", { "x-origin-verify": value })).status;
    await expect.poll(() => Promise.all(old.map(statusFor)), PATIENCE).toEqual([403, 403]);

    const results = await stop();
    expect(results.length).toBeGreaterThan(2);
    expect(new Set(results.map(String))).toEqual(new Set(["200,connection_info"]));

    // Those requests do notice a value that is dropped too early.
    await proxy.accept(old);
    await expect.poll(ask, PATIENCE).toEqual([403, 403]);

    await proxy.accept(renewed);

    await expect.poll(ask, PATIENCE).toEqual([200, "connection_info"]);
  }, 120_000);
});
