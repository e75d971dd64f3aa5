import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Stack, startStack } from "./support/stack.ts";

// PocketPaw's own default: requests of its own machine need no token, unless a proxy forwards them.
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ localhostBypass: true });
});
afterAll(() => stack.stop());

/** Of the shape that the gateway lets through to PocketPaw, and signed by nobody. */
const FORGED = `pocketpaw_session=9999999999:${"0".repeat(64)}`;

test("PocketPaw lets this machine's requests in without a token", async () => {
  expect((await fetch(`${stack.pocketPawUrl}/api/channels/status`)).status).toBe(200);
  expect(await upgrade(stack.pocketPawUrl, {})).toBe(101);
});

test.for<[string, Record<string, string>]>([
  ["without a credential", {}],
  ["with a forged cookie", { cookie: FORGED }],
  ["that name this machine in X-Forwarded-For", { "x-forwarded-for": "127.0.0.1" }],
  ["with an empty X-Forwarded-For", { "x-forwarded-for": "" }],
])("the gateway refuses requests %s all the same", async ([, headers]) => {
  expect((await fetch(`${stack.url}/api/channels/status`, { headers })).status).toBe(403);
  expect(await upgrade(stack.url, { origin: stack.url, cookie: FORGED, ...headers })).toBe(403);
  expect(await upgrade(stack.url, headers)).toBe(403);
});

/** The status of a WebSocket's handshake. */
async function upgrade(url: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`${url.replace("http:", "ws:")}/ws`, { headers });
  const opened = once(socket, "open").then(() => 101);
  const refused = once(socket, "unexpected-response").then(([, response]) => response.statusCode);
  try {
    return await Promise.race([opened, refused]);
  } finally {
    socket.on("error", () => {});
    socket.terminate();
  }
}
