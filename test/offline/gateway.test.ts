import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runChecks } from "../../smoke/run.ts";
import { ROOT } from "../support/checkout.ts";
import { type Gateway, startGateway } from "../support/offline.ts";
import { rawRequest } from "../support/raw-request.ts";

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

const masterToken = () => gateway.currentMasterToken();

function ask(token: string, method: string, path = "/api/auth/session") {
  const headers = { authorization: `Bearer ${token}` };
  return rawRequest(gateway.url, path, { method, headers });
}

async function newSession(): Promise<string> {
  const { body } = await ask(masterToken(), "POST");
  return JSON.parse(String(body)).session_token;
}

/** The lines of the output since a position, when a text is among them. */
async function written(since: number, expected: string): Promise<string[]> {
  await expect.poll(() => gateway.output().slice(since)).toContain(expected);
  return gateway.output().slice(since).trimEnd().split("\n");
}

test("one line for each request, with the path but not the query, one more for a decision, and no token", async () => {
  const token = await newSession();
  const before = gateway.output().length;
  for (const credential of [token, masterToken()]) {
    await fetch(`${gateway.url}/api/auth/session?token=${encodeURIComponent(credential)}`, {
      headers: { Cookie: `pocketpaw_gateway_session=${credential}` },
    });
  }
  await fetch(`${gateway.url}/nowhere?token=${token}`);
  const lines = await written(before, "GET /nowhere 404");
  expect(lines.filter((line) => line.startsWith("GET "))).toEqual([
    expect.stringMatching(/^GET \/api\/auth\/session 200 \d+ ms$/),
    expect.stringMatching(/^GET \/api\/auth\/session 200 \d+ ms$/),
    expect.stringMatching(/^GET \/nowhere 404 \d+ ms$/),
  ]);
  expect(lines.filter((line) => line.includes('"event":"authorization"'))).toHaveLength(2);
  for (const secret of [token, masterToken()]) expect(lines.join("\n")).not.toContain(secret);
});

test("npm run rotate rotates the key through the rotation function, and logs nobody out", async () => {
  const session = await newSession();
  const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "rotate"], {
    cwd: ROOT,
    env: { ...process.env, POCKETPAW_LOCAL_DIR: gateway.stateDirectory },
  });
  expect(stdout).toMatch(/\S+ is AWSCURRENT:.*\n.*\S+ is AWSPREVIOUS:/);
  for (const token of [session, await newSession()]) {
    expect((await ask(token, "GET")).status).toBe(200);
  }
});

test("a regeneration responds with the new master token, prints it, and that one is exchanged at once", async () => {
  const since = gateway.output().length;
  const { status, body } = await ask(masterToken(), "POST", "/api/token/regenerate");
  const { token = "" } = JSON.parse(String(body));
  expect([status, token]).toEqual([200, expect.stringMatching(UUID4)]);
  await written(since, `Master token: ${token}\n`);
  // A worker that has read the old one may use it for a minute; a token that it does not know makes it read again.
  expect((await ask(token, "POST")).status).toBe(200);
});

// With PocketPaw behind it: test/smoke; with a real one, and regeneration: test/dashboard/regeneration.test.ts.
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
