import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PYTHON_PROGRAMS } from "../deployed/support/tools.ts";
import { ROOT } from "../support/checkout.ts";
import { type Gateway, startGateway } from "../support/offline.ts";

const REGENERATE = "/token/regenerate";
/** Requests for each operation and phase. */
const EXAMPLES = 60;

/** The output is compared too, so that a failed test shows what was found. */
const FOUND_NOTHING = { code: 0, output: expect.any(String) };

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

// The page is at the root alone, and `verify` has no form under /api/v1.
const NOT_IN_V1 = ["--exclude-path", "/auth/verify", "--exclude-path", "/gateway"];
const REGENERATION = ["--exclude-path", REGENERATE];

test.each([
  ["no credential", "/api/v1", NOT_IN_V1, async () => undefined],
  ["a session token", "/api/v1", [...NOT_IN_V1, ...REGENERATION], () => newSession(gateway)],
  [
    "the master token",
    "/api",
    [...REGENERATION, "--exclude-path", "/healthz", "--exclude-path", "/gateway"],
    async () => gateway.masterToken,
  ],
  ["no credential", "", ["--include-path", "/gateway"], async () => undefined],
])("schemathesis finds nothing with %s at %j", async (_, base, options, credential) => {
  expect(await schemathesis(base, options, await credential())).toEqual(FOUND_NOTHING);
});

test("schemathesis finds nothing in the regeneration of the master token", async () => {
  const token = await newSession(gateway);
  const found = await schemathesis("/api/v1", ["--include-path", REGENERATE], token);
  expect(found).toEqual(FOUND_NOTHING);
  // The run did what it is about: the session ended with its first regeneration.
  const response = await fetch(`${gateway.url}/api${REGENERATE}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  expect([403, 409]).toContain(response.status);
});

async function newSession({ url, masterToken }: Gateway): Promise<string> {
  const response = await fetch(`${url}/api/auth/session`, {
    method: "POST",
    headers: { authorization: `Bearer ${masterToken}` },
  });
  if (!response.ok) throw new Error(`the exchange responded ${response.status}`);
  const { session_token: token } = (await response.json()) as { session_token: string };
  return token;
}

/** Runs schemathesis. */
async function schemathesis(base: string, options: readonly string[], token?: string) {
  const program = join(PYTHON_PROGRAMS, "schemathesis");
  const args = [
    ...["run", join(ROOT, "docs", "openapi.yaml"), "--url", gateway.url + base],
    ...["--max-examples", String(EXAMPLES), "--continue-on-failure", "--no-color"],
    // An HTTP API responds 404 to a method that it has no route for, not 405 with `Allow`.
    ...["--exclude-checks", "unsupported_method", "--warnings", "off"],
    ...(token === undefined ? [] : ["--header", `Authorization: Bearer ${token}`]),
    ...options,
  ];
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd: gateway.checkout });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, stdout } = error as { code?: unknown; stdout?: string };
    return { code, output: stdout };
  }
}
