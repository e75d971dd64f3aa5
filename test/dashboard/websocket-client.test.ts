import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { type Stack, startStack } from "./support/stack.ts";

// PocketPaw's own default: requests of its own machine need no token, unless a proxy forwards them.
let stack: Stack;
let session: string;
let apiKey: string;
beforeAll(async () => {
  stack = await startStack({ localhostBypass: true });
  const authorization = `Bearer ${stack.masterToken}`;
  const post = async (path: string, body?: unknown) => {
    const headers = { authorization, "content-type": "application/json" };
    const init = {
      method: "POST",
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    return await (await fetch(`${stack.url}${path}`, init)).json();
  };
  session = (await post("/api/auth/session")).session_token;
  apiKey = (await post("/api/v1/auth/api-keys", { name: "test", scopes: ["chat"] })).key;
  expect(apiKey).toMatch(/^pp_/);
});
afterAll(() => stack.stop());

const FORGED = `session:9999999999:${"0".repeat(64)}`;
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
/** As a browser at the gateway's address sends it, unless the test says otherwise. */
const cookie = (value: string, headers: Record<string, string> = { origin: stack.url }) => ({
  headers: { cookie: `pocketpaw_gateway_session=${value}`, ...headers },
});

// Each path once: PocketPaw opens five sockets of one address at once, and then one a second.
test.for<[string, string, () => ClientOptions]>([
  ["/ws", "a bearer token", () => bearer(session)],
  ["/v1/ws", "cookie and Origin", () => cookie(session)],
  ["/api/v1/ws", "cookie and Origin", () => cookie(session)],
])("a client opens the chat on %s by %s", async ([path, , options]) => {
  expect(await open(path, options())).toBe("connection_info");
});

test("PocketPaw itself lets the API key in, and this machine's requests without a token", async () => {
  const { pocketPawUrl } = stack;
  expect(await open(`/ws?token=${apiKey}`, {}, [], pocketPawUrl)).toBe("connection_info");
  expect(await open("/ws", {}, [], pocketPawUrl)).toBe("connection_info");
  expect((await fetch(`${pocketPawUrl}/api/channels/status`)).status).toBe(200);
});

test.for<[string, number, () => [string, ClientOptions, string[]?]]>([
  ["without a credential", 403, () => ["/ws", { headers: { origin: stack.url } }]],
  ["without an Origin", 403, () => ["/ws", cookie(session, {})]],
  ["with another Origin", 403, () => ["/ws", cookie(session, { origin: "http://localhost:1" })]],
  ["with an API key as the cookie", 403, () => ["/ws", cookie(apiKey)]],
  ["with an API key in the query", 403, () => [`/ws?token=${apiKey}`, {}]],
  ["with an API key in the header", 401, () => ["/ws", bearer(apiKey)]],
  ["with an API key as the subprotocol", 403, () => ["/ws", {}, [apiKey]]],
  ["with the master token in the query", 403, () => [`/ws?token=${stack.masterToken}`, {}]],
  ["with a wrong MAC", 401, () => ["/ws", cookie(FORGED)]],
  ["as this machine", 403, () => ["/ws", { headers: { "x-forwarded-for": "127.0.0.1" } }]],
  ["with an empty X-Forwarded-For", 403, () => ["/ws", { headers: { "x-forwarded-for": "" } }]],
])("the chat does not open %s", async ([, status, attempt]) => {
  expect(await open(...attempt())).toBe(status);
});

test.for<Record<string, string>>([
  {},
  { cookie: `pocketpaw_session=${FORGED}` },
  { "x-forwarded-for": "127.0.0.1" },
  { "x-forwarded-for": "" },
])("the API does not open with %o", async (headers) => {
  expect((await fetch(`${stack.url}/api/channels/status`, { headers })).status).toBe(403);
});

/**
 * Tries to open a WebSocket.
 *
 * @returns the type of the first message, or the status of the refusal
 */
async function open(
  path: string,
  options: ClientOptions,
  protocols: string[] = [],
  url = stack.url,
): Promise<string | number | undefined> {
  const socket = new WebSocket(`${url.replace("http:", "ws:")}${path}`, protocols, options);
  const refusal = new Promise<number | undefined>((resolve, reject) => {
    socket.on("unexpected-response", (_request, response: IncomingMessage) => {
      resolve(response.statusCode);
      response.destroy();
    });
    socket.on("error", reject);
  });
  const message = once(socket, "message").then(([data]) => JSON.parse(String(data)).type);
  try {
    return await Promise.race([message, refusal]);
  } finally {
    socket.terminate();
  }
}
