import { describe, expect, test, vi } from "vitest";
import { HOST, loginRequest, statusRequest } from "../support/events.ts";
import { eventually } from "../support/eventually.ts";
import { JSON_HEADERS } from "../support/functions.ts";
import { type PocketPaw, startPocketPaw } from "../support/pocketpaw.ts";
import {
  bodyOf,
  LOGGED,
  regenerateOver,
  request,
  requestOf,
  storedToken,
} from "../support/regeneration.ts";
import { openSecrets } from "../support/secrets.ts";
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

describe("by the master token", () => {
  test("makes a UUID4, stores it, and responds as PocketPaw does, without a cookie", async () => {
    const { client } = await openSecrets();
    const { regenerate, entries } = regenerateOver(client);
    const response = await regenerate(await request(client));
    const token = await storedToken(client);
    expect(token).toMatch(UUID4);
    expect(response).toEqual({
      statusCode: 200,
      headers: JSON_HEADERS,
      body: JSON.stringify({ token }),
    });
    // WARN: it is rare, and alarms are on it.
    expect(entries).toEqual([{ level: "WARN", outcome: "done", ...LOGGED }]);
  });

  test("keeps a JSON secret JSON", async () => {
    const json = JSON.stringify({ token: MASTER_TOKEN });
    const { client } = await openSecrets({}, { masterToken: json, hmacKey: HMAC_KEY });
    const { token } = bodyOf(await regenerateOver(client).regenerate(await request(client)));
    expect(await storedToken(client)).toBe(JSON.stringify({ token }));
  });

  test.each(["", "/paw"])("stores the token that PocketPaw made; prefix %j", async (prefix) => {
    const { client } = await openSecrets();
    const pocketPaw = await startPocketPaw(prefix);
    const { regenerate } = regenerateOver(client, pocketPaw);
    expect(bodyOf(await regenerate(await request(client)))).toEqual({ token: pocketPaw.token() });
    expect(await storedToken(client)).toBe(pocketPaw.token());
    expect(pocketPaw.requests[0]).toBe(`POST ${prefix}/api/token/regenerate`);
  });
});

describe("by a session", () => {
  /** The caller's session, and the response to it. */
  async function regenerateBySession(host: string, pocketPaw?: PocketPaw) {
    const { client } = await openSecrets();
    const exp = inAnHour();
    const { regenerate } = regenerateOver(client, pocketPaw);
    const event = await request(client, { method: "session", expiresAt: String(exp) });
    const response = await regenerate({ ...event, headers: { host } });
    const newToken = await storedToken(client);
    return { response, exp, newToken: newToken ?? "" };
  }

  test.each([
    [
      HOST,
      /^__Host-pocketpaw_session=(.*); Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=(\d+)$/,
    ],
    [
      "localhost:8000",
      /^pocketpaw_gateway_session=(.*); Path=\/; HttpOnly; SameSite=Strict; Max-Age=(\d+)$/,
    ],
  ])(
    "gives a session under the new master token, with the caller's end, also as cookie: %s",
    async (host, cookie) => {
      const { response, exp, newToken } = await regenerateBySession(host);
      const session = sessionToken(newToken, HMAC_KEY, exp);
      expect(response).toMatchObject({ statusCode: 200, body: JSON.stringify({ token: session }) });
      const [, value, maxAge] = cookie.exec(response.cookies?.[0] ?? "") ?? [];
      expect(value).toBe(session);
      expect(Number(maxAge)).toBeLessThanOrEqual(3_600);
      expect(Number(maxAge)).toBeGreaterThan(3_500);
      expect(JSON.stringify(response)).not.toContain(newToken);
    },
  );

  test("no response to it holds the master token, with PocketPaw either", async () => {
    const pocketPaw = await startPocketPaw();
    const { response, newToken } = await regenerateBySession(HOST, pocketPaw);
    expect(newToken).toBe(pocketPaw.token());
    expect(JSON.stringify(response)).not.toContain(newToken);
  });

  test("where the HMAC key cannot be used, nothing is done: 503", async () => {
    const { client } = await openSecrets({}, { masterToken: MASTER_TOKEN, hmacKey: "too short" });
    const pocketPaw = await startPocketPaw();
    const { regenerate, entries } = regenerateOver(client, pocketPaw);
    const event = await request(client, { method: "session", expiresAt: String(inAnHour()) });
    expect(await regenerate(event)).toMatchObject({ statusCode: 503 });
    expect(entries).toMatchObject([{ outcome: "failed", reason: "secrets_unusable" }]);
    expect(pocketPaw.requests).toEqual([]);
    expect(await storedToken(client)).toBe(MASTER_TOKEN);
  });
});

describe("409 without a token, and nothing changes", () => {
  test.each(["", "v0", "AWSCURRENT"])("for another version: %j", async (version) => {
    const { client } = await openSecrets();
    const response = await regenerateOver(client).regenerate(requestOf(version));
    expect(response).toMatchObject({ statusCode: 409 });
    expect(Object.keys(bodyOf(response))).toEqual(["detail"]);
    expect(await storedToken(client)).toBe(MASTER_TOKEN);
  });

  test("for a session of an older version", async () => {
    const { client } = await openSecrets();
    const { regenerate, entries } = regenerateOver(client);
    const revoked = await request(client);
    await regenerate(await request(client));
    const token = await storedToken(client);
    expect(await regenerate(revoked)).toMatchObject({ statusCode: 409 });
    expect(await storedToken(client)).toBe(token);
    const refused = { level: "WARN", outcome: "refused", reason: "overtaken" };
    expect(entries.at(-1)).toEqual({ ...refused, ...LOGGED });
  });
});

describe("two at the same time", () => {
  test("that both saw the old token: only the one whose token is stored gets it", async () => {
    const { client } = await openSecrets();
    const event = await request(client);
    let waiting = 2;
    const { regenerate } = regenerateOver(client, undefined, (secret) => ({
      ...secret,
      put: async (...version) => {
        waiting -= 1;
        await vi.waitUntil(() => waiting === 0);
        await secret.put(...version);
      },
    }));
    const both = await Promise.all([regenerate(event), regenerate(event)]);
    const [won, lost] = both.toSorted((one, other) => one.statusCode - other.statusCode);
    expect(won && bodyOf(won)).toEqual({ token: await storedToken(client) });
    expect(lost).toMatchObject({ statusCode: 409 });
    expect(lost?.body).not.toContain(await storedToken(client));
  });

  test("that PocketPaw both served: the one with its last token gets it, and it is stored", async () => {
    const { client } = await openSecrets();
    const pocketPaw = await startPocketPaw();
    const { regenerate } = regenerateOver(client, pocketPaw);
    const release = hold(pocketPaw);
    const one = regenerate(await request(client));
    await eventually(() => pocketPaw.token() !== MASTER_TOKEN);
    // PocketPaw may accept the second one by a token that is not the stored one yet.
    const other = regenerate(await request(client, {}, pocketPaw.token()));
    const first = pocketPaw.token();
    await eventually(() => pocketPaw.token() !== first);
    release();
    expect(Object.keys(bodyOf(await one))).toEqual(["detail"]);
    expect(bodyOf(await other)).toEqual({ token: pocketPaw.token() });
    expect(await storedToken(client)).toBe(pocketPaw.token());
  });
});

test.each<[string, unknown]>([
  ["no event", undefined],
  ["no authorizer", loginRequest("")],
  ["a context without a method", statusRequest({})],
  ["a pairing token's", statusRequest({ method: "pairing" })],
])("without the context of our authorizer: 401, and nothing is done: %s", async (_what, event) => {
  const { client } = await openSecrets();
  const pocketPaw = await startPocketPaw();
  const { regenerate } = regenerateOver(client, pocketPaw);
  const response = await regenerate(event as Parameters<typeof regenerate>[0]);
  expect(response).toMatchObject({ statusCode: 401, body: '{"detail":"Unauthorized"}' });
  expect(pocketPaw.requests).toEqual([]);
  expect(await storedToken(client)).toBe(MASTER_TOKEN);
});

/** PocketPaw's responses to the regenerate route wait, with the token made, until what is returned is called. */
function hold(pocketPaw: PocketPaw): () => void {
  let release: () => void = () => undefined;
  pocketPaw.hold = new Promise((resolve) => (release = resolve));
  return () => release();
}
