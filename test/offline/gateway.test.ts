import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runChecks } from "../../smoke/run.ts";
import { ROOT } from "../support/checkout.ts";
import { fetchDocumented } from "../support/documented.ts";
import { type Gateway, startGateway } from "../support/offline.ts";
import { rawRequest } from "../support/raw-request.ts";

const SESSION_TOKEN = /^session:[0-9]{10}:[0-9a-f]{64}$/;
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

const masterToken = () => gateway.currentMasterToken();

function exchange(token: string): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}` };
  return fetchDocumented(`${gateway.url}/api/auth/session`, { method: "POST", headers });
}

async function newSession(): Promise<string> {
  const response = await exchange(masterToken());
  return ((await response.json()) as { session_token: string }).session_token;
}

async function statusOf(token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await fetchDocumented(`${gateway.url}/api/auth/session`, { headers })).status;
}

test.each([
  ["curl's, a POST without a body or a length", {}],
  ["that of Python's requests, with a length of 0", { "content-length": "0" }],
  ["one with another content type", { "content-type": "multipart/form-data" }],
])("the exchange responds with a session token to a request like %s", async (_, headers) => {
  const all = { authorization: `Bearer ${masterToken()}`, ...headers };
  const request = { method: "POST", headers: all };
  const { status, body } = await rawRequest(gateway.url, "/api/auth/session", request);
  const session_token = expect.stringMatching(SESSION_TOKEN);
  expect([status, JSON.parse(String(body))]).toEqual([
    200,
    { session_token, expires_in_hours: 24 },
  ]);
});

test("GET /api/auth/session tells a session its end, and HEAD has no route, as on AWS", async () => {
  const token = await newSession();
  const headers = { authorization: `Bearer ${token}` };
  for (const path of ["/api/auth/session", "/api/v1/auth/session"]) {
    const { body } = await rawRequest(gateway.url, path, { headers });
    const expires_at = Number(token.split(":")[1]);
    expect(JSON.parse(String(body))).toMatchObject({ method: "session", expires_at });
    expect((await rawRequest(gateway.url, path)).status).toBe(403);
    expect((await rawRequest(gateway.url, path, { method: "HEAD", headers })).status).toBe(404);
  }
});

test("the page, verify, login and logout respond as the functions do", async () => {
  const page = await fetchDocumented(`${gateway.url}/gateway`);
  expect([page.status, page.headers.get("content-type")]).toEqual([
    200,
    expect.stringContaining("text/html"),
  ]);
  const headers = {
    Authorization: `Bearer ${await newSession()}`,
    "X-Original-Method": "GET",
    "X-Original-URI": "/x",
    "X-Original-Host": new URL(gateway.url).host,
  };
  expect((await fetch(`${gateway.url}/api/auth/verify`, { headers })).status).toBe(204);
  const login = await fetchDocumented(`${gateway.url}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "garbage" },
    body: `\ufeff${JSON.stringify({ token: masterToken() })}`,
  });
  expect(login.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^pocketpaw_gateway_session=session:/),
  ]);
  const logout = await fetchDocumented(`${gateway.url}/api/auth/logout`, { method: "POST" });
  expect(logout.headers.get("clear-site-data")).toBe('"storage"');
});

test("one line for each request, with the path but not the query, one more for a decision, and no token", async () => {
  const token = await newSession();
  const before = gateway.output().length;
  for (const credential of [token, masterToken()]) {
    await fetch(`${gateway.url}/api/auth/session?token=${encodeURIComponent(credential)}`, {
      headers: { Cookie: `pocketpaw_gateway_session=${credential}` },
    });
  }
  await rawRequest(gateway.url, `/nowhere?token=${token}`);
  const lines = await written(before, "GET /nowhere 404");
  expect(lines.filter((line) => line.startsWith("GET "))).toEqual([
    expect.stringMatching(/^GET \/api\/auth\/session 200 \d+ ms$/),
    expect.stringMatching(/^GET \/api\/auth\/session 200 \d+ ms$/),
    expect.stringMatching(/^GET \/nowhere 404 \d+ ms$/),
  ]);
  expect(lines.filter((line) => line.includes('"event":"authorization"'))).toHaveLength(2);
  const later = gateway.output().slice(before);
  for (const secret of [token, masterToken()]) expect(later).not.toContain(secret);
});

/** The lines of the output since a position, when a text is among them. */
async function written(since: number, expected: string): Promise<string[]> {
  await expect.poll(() => gateway.output().slice(since)).toContain(expected);
  return gateway.output().slice(since).trimEnd().split("\n");
}

test("npm run rotate rotates the key through the rotation function, and logs nobody out", async () => {
  const session = await newSession();
  const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "rotate"], {
    cwd: ROOT,
    env: { ...process.env, POCKETPAW_LOCAL_DIR: gateway.stateDirectory },
  });
  expect(stdout).toMatch(/\S+ is AWSCURRENT:.*\n.*\S+ is AWSPREVIOUS:/);
  expect([await statusOf(session), await statusOf(await newSession())]).toEqual([200, 200]);
});

test("a regeneration responds with the new master token, prints it, and that one is exchanged at once", async () => {
  const [since, old] = [gateway.output().length, masterToken()];
  const response = await fetchDocumented(`${gateway.url}/api/token/regenerate`, {
    method: "POST",
    headers: { Authorization: `Bearer ${old}` },
  });
  const { token = "" } = (await response.json()) as Record<string, string>;
  expect([response.status, token]).toEqual([200, expect.stringMatching(UUID4)]);
  await written(since, `Master token: ${token}\n`);
  // A worker that has read the old one may use it for a minute; a token that it does not know makes it read again.
  expect((await exchange(token)).status).toBe(200);
});

// With PocketPaw behind it: test/smoke; with a real one, and regeneration: test/dashboard/smoke.test.ts.
test("every row of the smoke test that applies without PocketPaw holds", async () => {
  const options = { url: new URL(gateway.url), masterToken: masterToken(), regenerate: false };
  const found = Object.entries(await runChecks(options));
  const named = found.flatMap(([name, { verdict }]) =>
    verdict === "holds" ? [] : [name, verdict],
  );
  const rows = ["page", "token-link", "pocketpaw", "policy", "path-arrives", "query-arrives"];
  rows.push("file-jail", "direct-path", "stream", "websocket", "websocket-foreign", "regeneration");
  expect(named).toEqual(rows.flatMap((name) => [name, "not applicable"]));
});
