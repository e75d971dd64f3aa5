import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findSecrets, GATEWAY, GATEWAY_PORT, isUp, jsonIn, tokenIn } from "./gateway.ts";
import type { Shell } from "./shell.ts";

const POCKETPAW_PORT = 8888;
/** Prints the status alone. */
const STATUS = "curl -s -o /dev/null -w '%{http_code}\\n'";

/** README.md and docs/behind-pocketpaw.md with a real PocketPaw. */
export async function tryPocketPaw(shell: Shell): Promise<void> {
  const pocketPaw = await shell.start("pocketpaw --host", POCKETPAW_PORT, () =>
    isUp(`http://127.0.0.1:${POCKETPAW_PORT}/`),
  );
  try {
    assert.equal((await shell.documented(["8888/api/channels/status"])).trim(), "401");
    assert.equal((await shell.documented([`${STATUS} http://127.0.0.1:8888/`])).trim(), "200");
    const gateway = await shell.start("npm start -- --param", GATEWAY_PORT, () =>
      isUp(`${GATEWAY}/healthz`),
    );
    try {
      const masterToken = await tokenIn(gateway.output);
      const file = join(shell.home, ".pocketpaw", "access_token");
      assert.equal(masterToken, readFileSync(file, "utf8").trim());
      findSecrets(shell);
      await tryPublicHost(shell, masterToken);
      await tryApiKeys(shell, masterToken);
    } finally {
      await gateway.stop();
    }
  } finally {
    await pocketPaw.stop();
  }
}

/** docs/behind-pocketpaw.md, with the laptop's gateway for https://paw.example.com. */
async function tryPublicHost(shell: Shell, masterToken: string): Promise<void> {
  const here = { "https://paw.example.com": GATEWAY };
  assert.equal(
    (await shell.documented([`${STATUS} https://paw.example.com/`], here)).trim(),
    "200",
  );
  const up = await shell.documented(["curl https://paw.example.com/healthz"], here);
  assert.deepEqual(jsonIn(up), { ok: true });
  await shell.documented(["<MasterTokenSecretArn>"], { "<MasterTokenSecretArn>": '"$MASTER"' });
  const exchange = await shell.documented(['curl -i -X POST "https://paw.example.com'], here);
  assert.match(exchange, /^HTTP\/1\.1 200/m);
  shell.variables.MASTER_TOKEN = masterToken;
  const cookie = await shell.documented(["COOKIE=$(curl"], here, 'echo "$COOKIE"');
  assert.match(cookie.trim(), /^pocketpaw_session=\d+:[0-9a-f]{64}$/);

  await shell.other("aws secretsmanager create-secret --name upstream --secret-string old");
  const stored = await shell.documented(
    ["--password-length 48", "put-secret-value --secret-id <ApiUpstreamSecretArn>"],
    { "<ApiUpstreamSecretArn>": "upstream" },
  );
  assert.match(stored.trim(), /^[0-9a-f-]{36}$/);
}

/** "What regeneration does not end". */
async function tryApiKeys(shell: Shell, masterToken: string): Promise<void> {
  shell.variables.TOKEN = masterToken;
  await shell.other(
    `curl -s -X POST "$API/api/v1/auth/api-keys" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{"name": "tried"}'`,
  );
  const list = 'curl "$API/api/v1/auth/api-keys"';
  const active = async () => keysIn(await shell.documented([list])).filter((key) => !key.revoked);
  const [key, ...others] = await active();
  assert.ok(key !== undefined && others.length === 0);
  await shell.documented(["curl -X DELETE"], { "<id>": key.id });
  assert.deepEqual(await active(), []);
}

/** The list that curl printed. */
function keysIn(output: string): { id: string; revoked: boolean }[] {
  return JSON.parse(output.slice(output.indexOf("[")));
}
