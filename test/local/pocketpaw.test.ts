import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
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

/** An upstream that responds with a status, or never. */
async function upstream(status?: number) {
  const server = await listenOnLoopback(
    createServer((_request, response) => {
      if (status !== undefined) response.writeHead(status).end();
    }),
  );
  onTestFinished(server.close);
  return server;
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

test("startup says nothing of a PocketPaw that accepts it, or where there is none", async () => {
  const { url } = await upstream(200);
  expect(await pocketPawWarning(settings(url), "token")).toBeUndefined();
  expect(await pocketPawWarning(undefined, "token")).toBeUndefined();
});
