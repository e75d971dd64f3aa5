import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
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
import { HMAC_KEY, MASTER_TOKEN } from "../support/tokens.ts";

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("an authorizer that names no version gets 409, and nothing changes", async () => {
  const { client } = await openSecrets();
  const { regenerate: handler } = regenerateOver(client);
  expect((await handler(requestOf(""))).statusCode).toBe(409);
  expect(await storedToken(client)).toBe(MASTER_TOKEN);
});

describe("without an pocketPaw", () => {
  test("makes a UUID4, stores it, and responds as PocketPaw does", async () => {
    const { client } = await openSecrets();
    const { regenerate: handler, entries } = regenerateOver(client);
    const response = await handler(await request(client));
    expect(response).toMatchObject({
      statusCode: 200,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
    expect(Object.keys(bodyOf(response))).toEqual(["token"]);
    expect(bodyOf(response).token).toMatch(UUID4);
    expect(await storedToken(client)).toBe(bodyOf(response).token);
    // WARN: it is rare, and alarms are on it.
    expect(entries).toEqual([{ level: "WARN", outcome: "done", ...LOGGED }]);
  });

  test("keeps a JSON secret JSON", async () => {
    const json = JSON.stringify({ token: MASTER_TOKEN });
    const { client } = await openSecrets({}, { masterToken: json, hmacKey: HMAC_KEY });
    const response = await regenerateOver(client).regenerate(await request(client));
    expect(await storedToken(client)).toBe(JSON.stringify({ token: bodyOf(response).token }));
  });

  test("a session of an older version gets 409 without a token, and nothing changes", async () => {
    const { client } = await openSecrets();
    const { regenerate: handler, entries } = regenerateOver(client);
    const revoked = await request(client);
    await handler(await request(client));
    const token = await storedToken(client);
    const response = await handler(revoked);
    expect(response.statusCode).toBe(409);
    expect(Object.keys(bodyOf(response))).toEqual(["detail"]);
    expect(response.body).not.toContain(token);
    expect(await storedToken(client)).toBe(token);
    expect(entries.at(-1)).toEqual({
      level: "WARN",
      outcome: "refused",
      reason: "overtaken",
      ...LOGGED,
    });
  });

  test.each(["", "v0", "AWSCURRENT"])(
    "an authorizer that names another version, %j, gets 409 without a token",
    async (version) => {
      const { client } = await openSecrets();
      const response = await regenerateOver(client).regenerate(requestOf(version));
      expect(response.statusCode).toBe(409);
      expect(await storedToken(client)).toBe(MASTER_TOKEN);
    },
  );

  test("of two that both saw the old token, only the one whose token is stored gets it", async () => {
    const { client } = await openSecrets();
    const event = await request(client);
    const seen = barrier(2);
    const { regenerate: handler } = regenerateOver(client, undefined, (secret) => ({
      ...secret,
      put: async (...version) => {
        await seen();
        await secret.put(...version);
      },
    }));
    const both = await Promise.all([handler(event), handler(event)]);
    const [won, lost] = both.toSorted((one, other) => one.statusCode - other.statusCode);
    expect(won && bodyOf(won)).toEqual({ token: await storedToken(client) });
    expect(lost?.statusCode).toBe(409);
    expect(lost?.body).not.toContain(await storedToken(client));
  });
});

describe("with an pocketPaw", () => {
  test.each(["", "/paw"])("stores the token that PocketPaw made; prefix %j", async (prefix) => {
    const { client } = await openSecrets();
    const pocketPaw = await startPocketPaw(prefix);
    const response = await regenerateOver(client, pocketPaw).regenerate(await request(client));
    expect(response.statusCode).toBe(200);
    expect(bodyOf(response)).toEqual({ token: pocketPaw.token() });
    expect(await storedToken(client)).toBe(pocketPaw.token());
    expect(pocketPaw.requests[0]).toBe(`POST ${prefix}/api/token/regenerate`);
  });

  test("of two that PocketPaw both served, the one with its last token gets it, and it is stored", async () => {
    const { client } = await openSecrets();
    const pocketPaw = await startPocketPaw();
    const { regenerate: handler } = regenerateOver(client, pocketPaw);
    const release = hold(pocketPaw);
    const one = handler(await request(client));
    await eventually(() => pocketPaw.token() !== MASTER_TOKEN);
    // PocketPaw may accept the second one by a token that is not the stored one yet.
    const other = handler(await request(client, {}, pocketPaw.token()));
    const first = pocketPaw.token();
    await eventually(() => pocketPaw.token() !== first);
    release();
    expect((await one).statusCode).toBe(409);
    expect(Object.keys(bodyOf(await one))).toEqual(["detail"]);
    expect(bodyOf(await other)).toEqual({ token: pocketPaw.token() });
    expect(await storedToken(client)).toBe(pocketPaw.token());
  });

  test("one that PocketPaw refuses because another came first gets 409 without the other's token", async () => {
    const { client } = await openSecrets();
    const pocketPaw = await startPocketPaw();
    const { regenerate: handler } = regenerateOver(client, pocketPaw);
    const release = hold(pocketPaw);
    const one = handler(await request(client));
    await eventually(() => pocketPaw.token() !== MASTER_TOKEN);
    const other = handler(await request(client));
    await eventually(() => pocketPaw.requests.length >= 2);
    release();
    expect(bodyOf(await one)).toEqual({ token: pocketPaw.token() });
    expect((await other).statusCode).toBe(409);
    expect(Object.keys(bodyOf(await other))).toEqual(["detail"]);
    expect(await storedToken(client)).toBe(pocketPaw.token());
  });
});

/** PocketPaw's responses to the regenerate route wait, with the token made, until what is returned is called. */
function hold(pocketPaw: PocketPaw): () => void {
  let release: () => void = () => undefined;
  pocketPaw.hold = new Promise((resolve) => (release = resolve));
  return () => release();
}

/** Resolves for all once so many have come. */
function barrier(count: number): () => Promise<void> {
  let waiting = count;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (--waiting === 0) open();
    return opened;
  };
}
