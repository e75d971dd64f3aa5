import assert from "node:assert/strict";
import { changes, jsonIn } from "./gateway.ts";
import type { Shell } from "./shell.ts";

// The runbook of docs/operations.md, with the AWS CLI on the embedded Secrets Manager.

/** "A leaked session token", "A lost master token". */
export async function tryRegeneration(shell: Shell, sessionToken: string): Promise<void> {
  shell.variables.TOKEN = sessionToken;
  const first = jsonIn(await shell.documented(['curl -X POST "$API/api/token/regenerate"']));
  const second = jsonIn(
    await shell.documented(["TOKEN=$(aws", 'curl -X POST "$API/api/token/regenerate"']),
  );
  assert.notEqual(second.token, first.token);
  shell.variables.NEW_TOKEN = String(second.token);
  const check = 'curl -i -X POST "$API/api/auth/session"';
  assert.match(await shell.documented([check]), /^HTTP\/1\.1 200/m);
  const stored = await shell.documented([
    'aws secretsmanager get-secret-value --secret-id "$MASTER" --query SecretString --output text',
  ]);
  assert.equal(stored.trim(), second.token);

  const interrupted = "11111111-1111-4111-8111-111111111111";
  await shell.other(
    `aws secretsmanager put-secret-value --secret-id "$MASTER" --secret-string ${interrupted} --version-stages REGENERATED`,
  );
  assert.equal((await shell.documented(["--version-stage REGENERATED"])).trim(), interrupted);
  await shell.documented(['put-secret-value --secret-id "$MASTER"'], { "<token>": interrupted });
  shell.variables.NEW_TOKEN = interrupted;
  assert.match(await shell.documented([check]), /^HTTP\/1\.1 200/m);
}

/** "A leaked HMAC key", "A rotation that failed". */
export async function tryRotation(shell: Shell): Promise<void> {
  // On AWS the stack sets rotation up.
  await shell.other("npm run --silent rotate");
  const current = () =>
    shell.other(
      'aws secretsmanager get-secret-value --secret-id "$HMAC" --query VersionId --output text',
    );
  await changes(current, () => shell.documented(["aws secretsmanager rotate-secret"]));
  await changes(current, () => shell.documented(['put-secret-value --secret-id "$HMAC"']));

  // A rotation that cannot end: its key is too short.
  await shell.other(
    'aws secretsmanager put-secret-value --secret-id "$HMAC" --secret-string short --version-stages AWSPENDING',
  );
  await assert.rejects(shell.documented(["aws secretsmanager rotate-secret"]), /rotation/);
  const list = "aws secretsmanager list-secret-version-ids";
  const [pending] = JSON.parse(await shell.documented([list]));
  assert.match(pending.VersionId, /./);
  await shell.documented(["update-secret-version-stage"], { "<VersionId>": pending.VersionId });
  assert.deepEqual(JSON.parse(await shell.documented([list])), []);
  await changes(current, () => shell.documented(["aws secretsmanager rotate-secret"]));
}
