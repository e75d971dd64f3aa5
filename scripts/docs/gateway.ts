import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Shell } from "./shell.ts";

/** Where the documentation finds the laptop's gateway. */
export const GATEWAY_PORT = 8000;
export const GATEWAY = `http://localhost:${GATEWAY_PORT}`;

const LIMIT_MILLISECONDS = 60_000;

/** Whether a server responds at this URL. It may accept a connection while it starts, and never respond. */
export async function isUp(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  return response.status < 500;
}

/** What the runbook's variables are on a laptop, and what the AWS CLI needs there. */
export function findSecrets(shell: Shell): void {
  const local = (name: string) => readFileSync(join(shell.copy, ".local", name), "utf8").trim();
  Object.assign(shell.variables, {
    API: GATEWAY,
    MASTER: "pocketpaw/master-token",
    HMAC: "pocketpaw/hmac-key",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: local("secrets-manager-url"),
    AWS_ACCESS_KEY_ID: local("secrets-manager-access-key-id"),
    AWS_SECRET_ACCESS_KEY: "unchecked",
    AWS_DEFAULT_REGION: "us-east-1",
  });
}

/** The master token that `npm start` prints last. */
export async function tokenIn(output: () => string): Promise<string> {
  const deadline = Date.now() + LIMIT_MILLISECONDS;
  for (;;) {
    const [, token] = /Bearer ([^"\s]+)"/.exec(output()) ?? [];
    if (token !== undefined) return token;
    if (Date.now() > deadline) throw new Error(`npm start printed no token:\n${output()}`);
    await setTimeout(100);
  }
}

/** Waits until what `read` gives is another than before `action`. */
export async function changes(
  read: () => Promise<string>,
  action: () => Promise<unknown>,
): Promise<void> {
  const before = await read();
  await action();
  const deadline = Date.now() + LIMIT_MILLISECONDS;
  while ((await read()) === before) {
    if (Date.now() > deadline) throw new Error(`Still ${before}`);
    await setTimeout(500);
  }
}

/** The JSON in what curl printed, after headers and progress. */
export function jsonIn(output: string): Record<string, unknown> {
  const [json] = /[[{].*[\]}]/s.exec(output) ?? [];
  assert.ok(json !== undefined, output);
  return JSON.parse(json);
}

/** The same fields, of the same types, as the documented response. */
export function assertShape(
  found: Record<string, unknown>,
  documented: Record<string, unknown>,
): void {
  const types = (fields: object) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value]));
  assert.deepEqual(types(found), types(documented));
}
