import { createServer, type ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { createPocketPawSource, type PocketPawOptions } from "../../../lib/pocketpaw/client.ts";
import { listenOnLoopback } from "../../support/loopback.ts";

const COOKIE = "pocketpaw_session=1:mac";
const TOKEN = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";

/** A PocketPaw that responds as the test says, as a source; `requests` are those that it received. */
async function openSource(
  respond: (response: ServerResponse) => void,
  options: Partial<PocketPawOptions> = {},
) {
  const requests: { route: string; headers: Record<string, unknown> }[] = [];
  const server = createServer(({ method, url: path, headers }, response) => {
    requests.push({ route: `${method} ${path}`, headers });
    respond(response);
  });
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(close);
  const source = createPocketPawSource({
    originUrl: url,
    cookie: COOKIE,
    readOriginVerify: async () => undefined,
    signal: AbortSignal.timeout(30_000),
    ...options,
  });
  return { source, requests };
}

const responding = (status: number, body?: string) => (response: ServerResponse) =>
  response.writeHead(status).end(body);

describe("issue", () => {
  test("sends the authorizer's cookie to PocketPaw's own route, and returns the token", async () => {
    const { source, requests } = await openSource(
      responding(200, JSON.stringify({ token: TOKEN })),
    );
    expect(await source.issue()).toBe(TOKEN);
    expect(requests).toMatchObject([
      { route: "POST /api/token/regenerate", headers: { cookie: COOKIE } },
    ]);
    expect(requests[0]?.headers).not.toHaveProperty("x-origin-verify");
  });

  test("without a cookie sends nothing, and says which setting the authorizer needs", async () => {
    const { source, requests } = await openSource(responding(200), { cookie: undefined });
    await expect(source.issue()).rejects.toMatchObject({
      name: "UpstreamFailed",
      reason: "upstream_failed",
      message: "The authorizer minted no token for PocketPaw; set its HAS_POCKETPAW",
    });
    expect(requests).toEqual([]);
  });

  test("401 is PocketPaw's refusal", async () => {
    const { source } = await openSource(responding(401));
    await expect(source.issue()).rejects.toMatchObject({
      reason: "upstream_refused",
      message: "PocketPaw refused the gateway's token",
    });
  });

  test.each([
    [403, JSON.stringify({ token: TOKEN })],
    [500, "{}"],
    [204, undefined],
    [200, "{}"],
    [200, "null"],
    [200, "[]"],
    [200, "no JSON"],
    [200, '{"token":7}'],
    [200, '{"token":null}'],
    [200, '{"token":""}'],
    [200, '{"token":" with-white-space "}'],
    [200, '{"token":"{\\"token\\":\\"in JSON\\"}"}'],
  ])("%i with %s is a failure that names the status", async (status, body) => {
    const { source } = await openSource(responding(status, body));
    await expect(source.issue()).rejects.toMatchObject({
      reason: "upstream_failed",
      message: `PocketPaw responded ${status}, without a usable master token`,
    });
  });
});

describe("isInForce", () => {
  test("exchanges the token at PocketPaw's own route, without the cookie", async () => {
    const { source, requests } = await openSource(responding(200, "{}"));
    expect(await source.isInForce(TOKEN)).toBe(true);
    expect(requests).toMatchObject([
      { route: "POST /api/auth/session", headers: { authorization: `Bearer ${TOKEN}` } },
    ]);
    expect(requests[0]?.headers).not.toHaveProperty("cookie");
  });

  test("401 means that the token has ended", async () => {
    const { source } = await openSource(responding(401, "{}"));
    expect(await source.isInForce(TOKEN)).toBe(false);
  });

  test.each([201, 204, 400, 403, 404, 429, 500, 503])(
    "%i does not show whether it has ended",
    async (status) => {
      const { source } = await openSource(responding(status));
      await expect(source.isInForce(TOKEN)).rejects.toMatchObject({
        reason: "upstream_failed",
        message: `PocketPaw responded ${status}`,
      });
    },
  );
});

describe.each(["issue", "isInForce"] as const)("%s", (operation) => {
  const UNREACHABLE = { reason: "upstream_unreachable", message: "PocketPaw cannot be reached" };

  test("sends the value for PocketPaw's reverse proxy, where there is one", async () => {
    const { source, requests } = await openSource(
      responding(200, JSON.stringify({ token: TOKEN })),
      { readOriginVerify: async () => "verify-me" },
    );
    await source[operation](TOKEN);
    expect(requests).toMatchObject([{ headers: { "x-origin-verify": "verify-me" } }]);
  });

  test("sends nothing when that value cannot be read", async () => {
    const { source, requests } = await openSource(responding(200), {
      readOriginVerify: () => Promise.reject(new Error("down")),
    });
    await expect(source[operation](TOKEN)).rejects.toThrow("down");
    expect(requests).toEqual([]);
  });

  test("follows no redirect", async () => {
    const { source, requests } = await openSource((response) =>
      response.writeHead(307, { location: "/elsewhere" }).end(),
    );
    await expect(source[operation](TOKEN)).rejects.toMatchObject({ reason: "upstream_failed" });
    expect(requests).toHaveLength(1);
  });

  test("ends when the function's own time is over, although PocketPaw does not respond", async () => {
    const { source } = await openSource(() => undefined, { signal: AbortSignal.timeout(50) });
    await expect(source[operation](TOKEN)).rejects.toMatchObject(UNREACHABLE);
  });

  test("fails when the connection is cut, or refused", async () => {
    const { source } = await openSource((response) => response.destroy());
    await expect(source[operation](TOKEN)).rejects.toMatchObject(UNREACHABLE);
    const nowhere = await openSource(responding(200), { originUrl: "http://127.0.0.1:1" });
    await expect(nowhere.source[operation](TOKEN)).rejects.toMatchObject(UNREACHABLE);
  });
});
