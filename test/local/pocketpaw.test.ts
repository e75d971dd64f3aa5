import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { NATIVE, verify } from "../../lib/tokens/formats.ts";
import { nativeKey } from "../../lib/tokens/keys.ts";
import { askPocketPaw } from "../../local/front/pocketpaw.ts";
import { pocketPawWarning } from "../../local/pocketpaw.ts";
import { holdClosedPort } from "../support/closed-port.ts";
import { listenOnLoopback } from "../support/loopback.ts";

const REQUEST = {
  method: "GET",
  target: "/api/x",
  headers: ["Host", "localhost:8000"],
  body: Buffer.alloc(0),
};
const ROUTE = { key: "GET /api/{proxy+}", cookie: "pocketpaw_session=1:2" };

/** An upstream that responds with a status, or never; and the raw headers that reached it. */
async function upstream(status?: number) {
  const seen: string[] = [];
  const server = await listenOnLoopback(
    createServer((request, response) => {
      seen.push(...request.rawHeaders);
      if (status !== undefined) response.writeHead(status).end();
    }),
  );
  onTestFinished(server.close);
  return { ...server, seen };
}

function settings(originUrl: string) {
  return { originUrl, inboundWebhooks: [], cors: false as const };
}

/** Where nothing listens. */
async function nowhere(): Promise<string> {
  const { port, url, close } = await listenOnLoopback(createServer());
  await close();
  onTestFinished(await holdClosedPort(port));
  return url;
}

test("a PocketPaw that is down, or slower than the limit, is 503 as at API Gateway", async () => {
  for (const url of [await nowhere(), (await upstream()).url]) {
    const { status, body } = await askPocketPaw(new URL(url), ROUTE, REQUEST, 300);
    expect([status, String(body)]).toEqual([503, '{"message":"Service Unavailable"}']);
  }
});

test("startup warns of a PocketPaw that does not respond", async () => {
  const url = await nowhere();
  expect(await pocketPawWarning(settings(url), "token")).toContain(`${url} does not respond`);
});

test("startup warns of a PocketPaw that refuses the master token, and shows no token", async () => {
  const { url } = await upstream(401);
  const warning = await pocketPawWarning(settings(url), "the-master-token");
  expect(warning).toContain(`${url} does not accept the master token`);
  expect(warning).not.toContain("the-master-token");
});

test("whoever listens where PocketPaw should gets no master token at startup, but a token of a minute", async () => {
  const { url, seen } = await upstream(200);
  await pocketPawWarning(settings(url), "the-master-token");
  expect(seen.join("\n")).not.toContain("the-master-token");
  const [, token = ""] = /pocketpaw_session=(\S+)/.exec(seen.join("\n")) ?? [];
  const now = Math.floor(Date.now() / 1000);
  const key = nativeKey("the-master-token");
  expect(verify(NATIVE, key, token, now).ok).toBe(true);
  expect(verify(NATIVE, key, token, now + 61)).toEqual({ ok: false, reason: "expired" });
});

test.each([404, 403, 302, 500])(
  "startup warns of a server that responds with %i: it is no PocketPaw",
  async (status) => {
    const { url } = await upstream(status);
    expect(await pocketPawWarning(settings(url), "token")).toContain(
      `the server at ${url} responds with status ${status} to GET /api/health`,
    );
  },
);

test("startup says nothing of a master token that it does not know", async () => {
  const { url } = await upstream(401);
  expect(await pocketPawWarning(settings(url), undefined)).toBeUndefined();
});

test("startup says nothing of a PocketPaw that accepts it, or where there is none", async () => {
  const { url } = await upstream(200);
  expect(await pocketPawWarning(settings(url), "token")).toBeUndefined();
  expect(await pocketPawWarning(undefined, "token")).toBeUndefined();
});
