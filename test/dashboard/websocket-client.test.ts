import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { beforeAll, expect, inject, test } from "vitest";
import { type ClientOptions, WebSocket } from "ws";

const stack = inject("stack");
const chat = `${stack.url.replace("http:", "ws:")}/ws`;
const origin = stack.url;
let cookie: string;
let apiKey: string;

beforeAll(async () => {
  const body = JSON.stringify({ token: stack.masterToken });
  const login = await fetch(`${stack.url}/api/auth/login`, { method: "POST", body });
  [cookie = ""] = (login.headers.getSetCookie()[0] ?? "").split(";");
  const created = await fetch(`${stack.url}/api/v1/auth/api-keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.masterToken}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "websocket-client.test", scopes: ["chat"] }),
  });
  apiKey = (await created.json()).key;
  expect(apiKey).toMatch(/^pp_/);
});

test.for(["/ws", "/v1/ws", "/api/v1/ws"])(
  "a client without a browser opens the chat on %s with cookie and Origin",
  async (path) => {
    const url = `${stack.url.replace("http:", "ws:")}${path}`;
    expect(await open(url, { headers: { cookie, origin } })).toBe("connection_info");
  },
);

test("PocketPaw itself would let the API key in", async () => {
  const direct = `${stack.pocketPawUrl.replace("http:", "ws:")}/ws`;
  expect(await open(`${direct}?token=${apiKey}`, {})).toBe("connection_info");
});

test.for<[string, () => [string, ClientOptions, string[]?]]>([
  ["without a cookie", () => [chat, { headers: { origin } }]],
  ["without an Origin", () => [chat, { headers: { cookie } }]],
  ["with another Origin", () => [chat, { headers: { cookie, origin: "http://localhost:1" } }]],
  ["with null as the Origin", () => [chat, { headers: { cookie, origin: "null" } }]],
  [
    "with https as the Origin's scheme",
    () => [chat, { headers: { cookie, origin: origin.replace("http:", "https:") } }],
  ],
  [
    "with an API key as the cookie",
    () => [chat, { headers: { origin, cookie: `pocketpaw_session=${apiKey}` } }],
  ],
  ["with an API key in the query", () => [`${chat}?token=${apiKey}`, { headers: { origin } }]],
  [
    "with an API key in the header",
    () => [chat, { headers: { origin, authorization: `Bearer ${apiKey}` } }],
  ],
  ["with an API key as the subprotocol", () => [chat, { headers: { origin } }, [apiKey]]],
  [
    "with the master token as the cookie",
    () => [chat, { headers: { origin, cookie: `pocketpaw_session=${stack.masterToken}` } }],
  ],
  [
    "with the master token in the query",
    () => [`${chat}?token=${stack.masterToken}`, { headers: { origin } }],
  ],
  [
    "with two session cookies",
    () => [chat, { headers: { origin, cookie: `${cookie}; ${cookie}` } }],
  ],
  [
    "with an API key in a second cookie",
    () => [chat, { headers: { origin, cookie: `${cookie}; pocketpaw_session=${apiKey}` } }],
  ],
  [
    "with a cookie of the right shape and a wrong MAC",
    () => [chat, { headers: { origin, cookie: `pocketpaw_session=9999999999:${"0".repeat(64)}` } }],
  ],
])("the chat does not open %s", async ([, attempt]) => {
  expect(await open(...attempt())).toBe(403);
});

test("an API key beside the cookie adds nothing: it does not reach PocketPaw", async () => {
  const authorization = `Bearer ${apiKey}`;
  const expired = cookie.replace(/=[0-9]+:/, "=1000000000:");
  expect(
    await open(`${chat}?token=${apiKey}`, { headers: { origin, cookie: expired, authorization } }, [
      apiKey,
    ]),
  ).toBe(403);
});

/**
 * Tries to open a WebSocket.
 *
 * @returns the type of the first message, or the status of the refusal
 */
async function open(
  url: string,
  options: ClientOptions,
  protocols: string[] = [],
): Promise<string | number | undefined> {
  const socket = new WebSocket(url, protocols, options);
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
