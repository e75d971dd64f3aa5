import { createServer, type ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openTokenSource } from "../../../lib/pocketpaw/client.ts";
import type { SecretVersions } from "../../../lib/secrets/versions.ts";
import { listenOnLoopback } from "../../support/loopback.ts";

const COOKIE = "pocketpaw_session=1:mac";
const TOKEN = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

interface Options {
  cookie?: string | undefined;
  originUrl?: string | null;
  /** What the secret for the proxy holds, if there is one. */
  upstream?: string | Uint8Array | Error;
  signal?: AbortSignal;
}

/** A source over a PocketPaw that responds as the test says; `requests` are those that it received. */
async function sourceOver(respond: (response: ServerResponse) => void, options: Options = {}) {
  const requests: { route: string; headers: Record<string, unknown> }[] = [];
  const server = createServer(({ method, url: path, headers }, response) => {
    requests.push({ route: `${method} ${path}`, headers });
    respond(response);
  });
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(close);
  const { cookie, originUrl, upstream, signal } = { cookie: COOKIE, originUrl: url, ...options };
  const opened: string[] = [];
  const open = (id: string) => {
    opened.push(id);
    const current = async () => {
      if (upstream instanceof Error) throw upstream;
      return { versionId: "v1", value: upstream ?? "" };
    };
    return { current } as unknown as SecretVersions;
  };
  const settings = { originUrl, upstreamSecretId: upstream === undefined ? null : "upstream" };
  const limit = signal ?? AbortSignal.timeout(30_000);
  return { source: openTokenSource({ ...settings, open }, cookie, limit), requests, opened };
}

/** With a redirect to follow: it would take the cookie and X-Origin-Verify along. */
const responding = (status: number, body?: string) => (response: ServerResponse) =>
  response.writeHead(status, { location: "/elsewhere" }).end(body);
const withToken = responding(200, JSON.stringify({ token: TOKEN }));

test("without PocketPaw the token is a new UUID4 each time, and what is stored is in force", async () => {
  const { source, requests, opened } = await sourceOver(withToken, {
    originUrl: null,
    upstream: "x",
  });
  const [first, second] = [await source.issue(), await source.issue()];
  expect(first).toMatch(UUID4);
  expect(second).toMatch(UUID4);
  expect(second).not.toBe(first);
  expect(await source.isInForce(first)).toBe(true);
  expect([requests, opened]).toEqual([[], []]);
});

describe("issue", () => {
  test("sends the authorizer's cookie to PocketPaw's own route, on any port: not by fetch, which blocks some, and follows redirects", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new Error("bad port")));
    onTestFinished(() => void vi.unstubAllGlobals());
    const { source, requests } = await sourceOver(withToken);
    expect(await source.issue()).toBe(TOKEN);
    const headers = expect.not.objectContaining({ authorization: expect.anything() });
    expect(requests).toEqual([{ route: "POST /api/token/regenerate", headers }]);
    expect(requests[0]?.headers.cookie).toBe(COOKIE);
  });

  test("without a cookie sends nothing, and says which setting the authorizer needs", async () => {
    const { source, requests } = await sourceOver(withToken, { cookie: undefined });
    const message = "The authorizer minted no token for PocketPaw; set its HAS_POCKETPAW";
    await expect(source.issue()).rejects.toMatchObject({ reason: "upstream_failed", message });
    expect(requests).toEqual([]);
  });

  test("401 is PocketPaw's refusal", async () => {
    const { source } = await sourceOver(responding(401));
    const message = "PocketPaw refused the gateway's token";
    await expect(source.issue()).rejects.toMatchObject({ reason: "upstream_refused", message });
  });

  test.each<[number, string?]>([
    [403, JSON.stringify({ token: TOKEN })],
    [500, "{}"],
    [204],
    ...["{}", "null", "[]", "no JSON", '{"token":7}', '{"token":null}', '{"token":""}'].map(ok),
    ...['{"token":" with-white-space "}', '{"token":"{\\"token\\":\\"in JSON\\"}"}'].map(ok),
  ])("%i with %s brings no usable token", async (status, body) => {
    const { source } = await sourceOver(responding(status, body));
    const message = `PocketPaw responded ${status}, without a usable master token`;
    await expect(source.issue()).rejects.toMatchObject({ reason: "upstream_failed", message });
  });
});

describe("isInForce", () => {
  test("exchanges the token at PocketPaw's own route, without the cookie; 401 means that it has ended", async () => {
    const { source, requests } = await sourceOver(responding(200, "{}"));
    expect(await source.isInForce(TOKEN)).toBe(true);
    const headers = expect.not.objectContaining({ cookie: expect.anything() });
    expect(requests).toEqual([{ route: "POST /api/auth/session", headers }]);
    expect(requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(await (await sourceOver(responding(401))).source.isInForce(TOKEN)).toBe(false);
  });

  const OTHERS = [201, 204, 307, 400, 403, 404, 429, 500, 503];
  test.each(OTHERS)("%i does not show whether it has ended", async (status) => {
    const { source } = await sourceOver(responding(status));
    const error = { reason: "upstream_failed", message: `PocketPaw responded ${status}` };
    await expect(source.isInForce(TOKEN)).rejects.toMatchObject(error);
  });
});

describe.each(["issue", "isInForce"] as const)("%s", (operation) => {
  const UNREACHABLE = { reason: "upstream_unreachable", message: "PocketPaw cannot be reached" };

  test.each([
    ["a text", "verify-me", "verify-me"],
    ["bytes", Buffer.from("verify-me"), "verify-me"],
    ["none", undefined, undefined],
  ])("sends the value for PocketPaw's proxy, read once: %s", async (_name, upstream, sent) => {
    const { source, requests, opened } = await sourceOver(withToken, upstream ? { upstream } : {});
    await source[operation](TOKEN);
    await source[operation](TOKEN);
    expect(requests.map(({ headers }) => headers["x-origin-verify"])).toEqual([sent, sent]);
    expect(opened).toEqual(upstream ? ["upstream"] : []);
  });

  test("sends nothing when that value cannot be read", async () => {
    const { source, requests } = await sourceOver(withToken, { upstream: new Error("down") });
    await expect(source[operation](TOKEN)).rejects.toThrow("down");
    expect(requests).toEqual([]);
  });

  test("ends after 10 s, or with the function's own time, although PocketPaw does not respond", async () => {
    const { source } = await sourceOver(() => undefined, { signal: AbortSignal.timeout(50) });
    await expect(source[operation](TOKEN)).rejects.toMatchObject(UNREACHABLE);
    const { timeout } = AbortSignal;
    const limits = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => timeout(50));
    onTestFinished(() => limits.mockRestore());
    const signal = new AbortController().signal;
    const other = await sourceOver(() => undefined, { signal });
    await expect(other.source[operation](TOKEN)).rejects.toMatchObject(UNREACHABLE);
    expect(limits.mock.calls).toEqual([[10_000]]);
  });

  test("fails when the connection is cut, or refused", async () => {
    const { source } = await sourceOver((response) => response.destroy());
    await expect(source[operation](TOKEN)).rejects.toMatchObject(UNREACHABLE);
    const nowhere = await sourceOver(withToken, { originUrl: "http://127.0.0.1:1" });
    await expect(nowhere.source[operation](TOKEN)).rejects.toMatchObject(UNREACHABLE);
  });
});

function ok(body: string): [number, string] {
  return [200, body];
}
