import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchDocumented } from "../support/documented.ts";
import { type Gateway, startGateway } from "../support/offline.ts";

const SESSION_TOKEN = /^session:[0-9]{10}:[0-9a-f]{64}$/;
const CHALLENGE = 'Bearer realm="pocketpaw"';

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway();
}, 120_000);
afterAll(() => gateway?.stop());

async function exchange(authorization?: string, path = "/api/auth/session"): Promise<Response> {
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  return fetchDocumented(gateway.url + path, { method: "POST", headers });
}

async function newSession(): Promise<string> {
  const response = await exchange(`Bearer ${gateway.masterToken}`);
  const { session_token } = (await response.json()) as { session_token: string };
  return session_token;
}

/** Sends a request byte by byte as a client would; the response's JSON. */
async function sendRaw(lines: readonly string[]): Promise<unknown> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const response = await text(socket);
  return JSON.parse(response.slice(response.indexOf("\r\n\r\n")));
}

describe("the exchange, as the document's samples ask for it", () => {
  const expected = { session_token: expect.stringMatching(SESSION_TOKEN), expires_in_hours: 24 };

  test("curl's request, a POST without a body or a length, gets a session token", async () => {
    const response = await sendRaw([
      "POST /api/auth/session HTTP/1.1",
      `Host: ${new URL(gateway.url).host}`,
      "User-Agent: curl/8.5.0",
      "Accept: */*",
      "Connection: close",
      `Authorization: Bearer ${gateway.masterToken}`,
    ]);
    expect(response).toEqual(expected);
  });

  test("JavaScript's fetch gets a session token", async () => {
    const response = await exchange(`Bearer ${gateway.masterToken}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual(expected);
  });

  test("the request of Python's requests, with a length of 0, gets a session token", async () => {
    const response = await sendRaw([
      "POST /api/auth/session HTTP/1.1",
      `Host: ${new URL(gateway.url).host}`,
      "User-Agent: python-requests/2.32.3",
      "Accept-Encoding: gzip, deflate",
      "Accept: */*",
      "Connection: close",
      `Authorization: Bearer ${gateway.masterToken}`,
      "Content-Length: 0",
    ]);
    expect(response).toEqual(expected);
  });

  test("the alias under /api/v1 does the same, and the scheme's case does not matter", async () => {
    const response = await exchange(`bearer ${gateway.masterToken}`, "/api/v1/auth/session");
    expect(await response.json()).toEqual(expected);
  });
});

describe("the exchange, refused", () => {
  test.each([
    ["no token", undefined],
    ["another scheme", "Basic cG9ja2V0OnBhdw=="],
  ])("%s is 401 with a plain challenge", async (_, authorization) => {
    const response = await exchange(authorization);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(CHALLENGE);
    expect(await response.json()).toEqual({ detail: "Invalid master token" });
  });

  test.each([
    ["a wrong token", async () => "00000000-0000-4000-8000-000000000000"],
    ["a session token", newSession],
  ])("%s is 401 with invalid_token", async (_, token) => {
    const response = await exchange(`Bearer ${await token()}`);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(`${CHALLENGE}, error="invalid_token"`);
    expect(await response.json()).toEqual({ detail: "Invalid master token" });
  });
});

describe.each(["/api/auth/session", "/api/v1/auth/session"])(
  "GET %s, behind the authorizer",
  (path) => {
    /** The three places where a credential may stand. */
    const places = {
      header: (token: string) =>
        fetchDocumented(gateway.url + path, { headers: { Authorization: `Bearer ${token}` } }),
      "query parameter": (token: string) =>
        fetchDocumented(`${gateway.url}${path}?token=${encodeURIComponent(token)}`),
      cookie: (token: string) =>
        fetchDocumented(gateway.url + path, {
          headers: { Cookie: `theme=dark; pocketpaw_session=${token}` },
        }),
    };

    describe.each(Object.entries(places))("in the %s", (_, ask) => {
      test("a session token is accepted, and the response says how long it is valid", async () => {
        const token = await newSession();
        const response = await ask(token);
        expect(response.status).toBe(200);
        expect(await response.json()).toEqual({
          authenticated: true,
          method: "session",
          expires_at: Number(token.split(":")[1]),
          expires_in_seconds: expect.any(Number),
        });
      });

      test("the master token is accepted, and does not expire", async () => {
        const response = await ask(gateway.masterToken);
        expect(await response.json()).toEqual({
          authenticated: true,
          method: "master",
          expires_at: null,
          expires_in_seconds: null,
        });
      });

      test.each([
        [
          "a forged token",
          (token: string) => token.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
        ],
        ["an expired token", (token: string) => token.replace(/[0-9]{10}/, "1000000000")],
        [
          "a token made to live longer",
          (token: string) => token.replace(/[0-9]{10}/, "4000000000"),
        ],
        ["a malformed token", (token: string) => token.toUpperCase()],
      ])("%s is refused", async (_, spoil) => {
        const response = await ask(spoil(await newSession()));
        expect(response.status).toBe(403);
      });
    });

    test("no credential at all is refused", async () => {
      const response = await fetchDocumented(gateway.url + path);
      expect(response.status).toBe(403);
    });
  },
);

test("no token is written to the output, but for the master token in the last lines of the start", async () => {
  const token = await newSession();
  await exchange(`Bearer ${token}`);
  for (const credential of [token, gateway.masterToken]) {
    for (const path of ["/api/auth/session", "/nowhere", "/api/auth%2Flogin"]) {
      await fetch(`${gateway.url}${path}?token=${encodeURIComponent(credential)}`, {
        headers: { Cookie: `pocketpaw_session=${credential}` },
      });
    }
  }
  await fetch(`${gateway.url}/api/auth/login`, {
    method: "POST",
    body: JSON.stringify({ token: gateway.masterToken }),
  });
  const output = gateway.output();
  expect(output).toContain('{"timestamp"');
  expect(output.split(gateway.masterToken)).toHaveLength(3);
  expect(output).not.toMatch(/[0-9a-f]{64}/);
});
