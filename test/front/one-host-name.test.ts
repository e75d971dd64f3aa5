// The packaged stack on the emulator, with a real PocketPaw behind real nginx and real Caddy, which ask the packaged
// function.
import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Headers, send } from "../support/http.ts";
import { HMAC_KEY, sessionToken } from "../support/tokens.ts";
import { type Gateway, startGateway } from "./support/gateway.ts";
import { type Accepted, PROXIES, type RunningProxy } from "./support/proxies.ts";

/** How long a proxy's reload may take to show. */
const PATIENCE = { timeout: 15_000, interval: 500 };
const exp = Math.floor(Date.now() / 1000) + 3600;
/** As the stack generates its secrets: 48 letters and digits. */
const randomValue = () => randomBytes(24).toString("hex");
const closing: (() => unknown)[] = [];
let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway(closing);
}, 300_000);
afterAll(async () => {
  for (const end of closing.reverse()) await end();
});

async function acceptedNow(): Promise<readonly Accepted[]> {
  return [
    [await gateway.secret("ApiUpstreamSecretArn"), "api"],
    [await gateway.secret("DirectUpstreamSecretArn"), "direct"],
  ];
}

describe.each(PROXIES)("%s", (_name, start) => {
  let proxy: RunningProxy;

  beforeAll(async () => {
    const { directory, publicHost, api, pocketPawPort: upstreamPort } = gateway;
    const accepted = await acceptedNow();
    proxy = await start({
      directory,
      publicHost,
      gateway: { url: api.url },
      upstreamPort,
      accepted,
    });
    closing.push(proxy.stop);
    gateway.leadTo(proxy);
  });

  /** A browser's request. The emulator's CloudFront has no way to the HTTP API, which stands in for it here. */
  const browse = async (line: string, headers: Headers = {}) => {
    const { publicHost: host, cloudFront, api } = gateway;
    const to = /files|chat/.test(line) ? cloudFront : api;
    const masterToken = await gateway.secret("MasterTokenSecretArn");
    const token = sessionToken(masterToken, HMAC_KEY, exp);
    const cookie = `__Host-pocketpaw_session=${token}`;
    const viewer = { host, origin: `https://${host}`, "x-forwarded-proto": "https" };
    return send(to, line, { ...viewer, cookie, ...headers });
  };

  test("the page responds to anyone, API and direct paths to a credential only", async () => {
    const lines = ["GET /api/v1/identity", "GET /api/v1/files/browse"];
    expect((await browse("GET /", { cookie: "" })).text).toContain("<title>");
    for (const line of lines) {
      expect((await browse(line)).status, line).toBe(200);
      expect((await browse(line, { cookie: "" })).status, line).toBe(403);
    }
  });

  test("regeneration reaches PocketPaw, and ends the sessions", async () => {
    const before = await gateway.secret("MasterTokenSecretArn");
    const ended = `Bearer ${sessionToken(before, HMAC_KEY, exp)}`;
    expect((await browse("POST /api/token/regenerate")).status).toBe(200);
    expect(await gateway.secret("MasterTokenSecretArn")).not.toBe(before);
    const headers = { authorization: ended, cookie: "" };
    expect((await browse("GET /api/v1/files/browse", headers)).status).toBe(401);
    expect((await browse("GET /api/v1/identity")).status).toBe(200);
  });

  test("the upstream secrets are rotated without an outage", async () => {
    // The second path is a direct one, and for POST only.
    const ask = async () => [
      (await browse("GET /")).status,
      (await browse("GET /api/v1/chat")).status,
    ];
    // After many bad tokens the function follows the regeneration only when it may read its secrets again.
    await expect.poll(ask, PATIENCE).toEqual([200, 405]);
    const results: number[][] = [];
    let isDone = false;
    const watching = (async () => {
      // PocketPaw allows an address ten requests a second.
      for (; !isDone; await setTimeout(250)) results.push(await ask());
    })();
    // The end of the test learns of a failure.
    watching.catch(() => undefined);

    // As docs/behind-pocketpaw.md says, for both secrets at once.
    const old = await acceptedNow();
    const [api, direct] = [randomValue(), randomValue()];
    const renewed: Accepted[] = [
      [api, "api"],
      [direct, "direct"],
    ];
    await proxy.accept([...old, ...renewed]);
    await gateway.deploy({
      apiSecretVersionId: await gateway.putSecret("ApiUpstreamSecretArn", api),
      directSecretVersionId: await gateway.putSecret("DirectUpstreamSecretArn", direct),
    });
    await proxy.accept(renewed);
    const statusFor = async ([value]: Accepted) =>
      (await send(proxy, "GET /", { "x-origin-verify": value })).status;
    await expect.poll(() => Promise.all(old.map(statusFor)), PATIENCE).toEqual([403, 403]);
    isDone = true;
    await watching;
    expect(results.length).toBeGreaterThan(2);
    expect(new Set(results.map(String))).toEqual(new Set(["200,405"]));

    // Those requests do notice a value that is dropped too early.
    await proxy.accept(old);
    await expect.poll(ask, PATIENCE).toEqual([403, 403]);
  }, 120_000);
});
