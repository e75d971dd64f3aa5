import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import { forgedToken } from "../../support/tokens.ts";
import { type Api, PLACES, type Reply, send } from "./http.ts";

const PATIENCE_MILLISECONDS = 90_000;
const { header } = PLACES;

/** The response of `POST /api/auth/session` to a bearer token. */
export function exchange(api: Api, masterToken: string): Promise<Reply> {
  return send(api, ...header("POST /api/auth/session", masterToken));
}

/** A new session token for the master token. */
export async function issue(api: Api, masterToken: string): Promise<string> {
  const reply = await exchange(api, masterToken);
  return (reply.json() as { session_token: string }).session_token;
}

/** The response of `GET /api/auth/session` to a bearer token. */
export function status(api: Api, token: string): Promise<Reply> {
  return send(api, ...header("GET /api/auth/session", token));
}

/**
 * Repeats a request until its response is as expected, after a secret has changed. In between, a
 * wrong token for each function makes it read the secrets again, no more often than its cooldown
 * lets it: that is sooner than the minute for which it uses what it has read.
 */
export async function until<T>(api: Api, expected: T, ask: () => Promise<T>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  let response = await ask();
  while (response !== expected && Date.now() < deadline) {
    await exchange(api, "wrong");
    await status(api, forgedToken(Math.floor(Date.now() / 1000) + 3600));
    await setTimeout(1_000);
    response = await ask();
  }
  expect(response).toBe(expected);
}

/** The same, for the status of a response. */
export function untilStatus(api: Api, expected: number, ask: () => Promise<Reply>): Promise<void> {
  return until(api, expected, async () => (await ask()).status);
}
