import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ROOT } from "../support/checkout.ts";
import { fetchDocumented } from "../support/documented.ts";
import { type Gateway, startGateway } from "../support/offline.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

function exchange(masterToken: string): Promise<Response> {
  const headers = { Authorization: `Bearer ${masterToken}` };
  return fetchDocumented(`${gateway.url}/api/auth/session`, { method: "POST", headers });
}

async function newSession(masterToken: string): Promise<string> {
  const { session_token } = (await (await exchange(masterToken)).json()) as Record<string, string>;
  return session_token ?? "";
}

async function statusOf(token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await fetchDocumented(`${gateway.url}/api/auth/session`, { headers })).status;
}

test("npm run rotate rotates the key through the rotation function, and logs nobody out", async () => {
  const before = await newSession(gateway.masterToken);
  const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "rotate"], {
    cwd: ROOT,
    env: { ...process.env, POCKETPAW_LOCAL_DIR: gateway.stateDirectory },
  });
  expect(stdout).toMatch(/\S+ is AWSCURRENT:.*\n.*\S+ is AWSPREVIOUS:/);
  const finished = /"event":"rotation_step".*"step":"finishSecret".*"outcome":"done"/;
  await vi.waitFor(() => expect(gateway.output()).toMatch(finished), 10_000);

  const after = await newSession(gateway.masterToken);
  expect([await statusOf(before), await statusOf(after)]).toEqual([200, 200]);
});

test("POST /api/token/regenerate responds with the new master token, and the old one ends", async () => {
  const session = await newSession(gateway.masterToken);
  const response = await fetchDocumented(`${gateway.url}/api/token/regenerate`, {
    method: "POST",
    headers: { Authorization: `Bearer ${session}` },
  });
  expect(response.status).toBe(200);
  const { token = "" } = (await response.json()) as Record<string, string>;
  expect(token).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

  expect(await statusOf(await newSession(token))).toBe(200);
  expect((await exchange(gateway.masterToken)).status).toBe(401);
});

test("POST /api/token/regenerate without a credential is refused", async () => {
  const response = await fetchDocumented(`${gateway.url}/api/token/regenerate`, { method: "POST" });
  expect(response.status).toBe(403);
});
