import { describe, expect, test } from "vitest";
import { statusRequest } from "../support/events.ts";
import { eventually } from "../support/eventually.ts";
import { type Origin, startOrigin, upstreamCookie } from "../support/origin.ts";
import {
  bodyOf,
  CALLER,
  handlerOver,
  LOGGED,
  request,
  requestOf,
  SECRET_ID,
  storedToken,
} from "../support/regenerate-handler.ts";
import { openSecrets, versionLabelled } from "../support/secrets.ts";
import { HMAC_KEY, MASTER_TOKEN } from "../support/tokens.ts";

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a pairing token gets 403, and nothing was done", async () => {
  const { client } = await openSecrets();
  const origin = await startOrigin();
  const { handler, entries } = handlerOver(client, origin);
  const { versionId } = await versionLabelled(client, SECRET_ID, "AWSCURRENT");
  const context = { ...CALLER, method: "pairing", masterTokenVersion: versionId };
  const response = await handler(
    statusRequest({ ...context, upstreamCookie: upstreamCookie(MASTER_TOKEN) }),
  );
  expect(response).toMatchObject({
    statusCode: 403,
    body: '{"detail":"A pairing token may not regenerate the master token"}',
  });
  expect(response.cookies ?? []).toEqual([]);
  expect(origin.requests).toEqual([]);
  expect(await storedToken(client)).toBe(MASTER_TOKEN);
  expect(entries).toEqual([
    { ...LOGGED, level: "WARN", method: "pairing", outcome: "refused", reason: "pairing" },
  ]);
});

test("an authorizer that names no version gets 409, and nothing changes", async () => {
  const { client } = await openSecrets();
  const { handler } = handlerOver(client);
  expect((await handler(statusRequest(CALLER))).statusCode).toBe(409);
  expect(await storedToken(client)).toBe(MASTER_TOKEN);
});

describe("without an origin", () => {
  test("makes a UUID4, stores it, and responds as PocketPaw does", async () => {
    const { client } = await openSecrets();
    const { handler, entries } = handlerOver(client);
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
    const response = await handlerOver(client).handler(await request(client));
    expect(await storedToken(client)).toBe(JSON.stringify({ token: bodyOf(response).token }));
  });

  test("a session of an older version gets 409 without a token, and nothing changes", async () => {
    const { client } = await openSecrets();
    const { handler, entries } = handlerOver(client);
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
      const response = await handlerOver(client).handler(requestOf(version));
      expect(response.statusCode).toBe(409);
      expect(await storedToken(client)).toBe(MASTER_TOKEN);
    },
  );

  test("of two that both saw the old token, only the one whose token is stored gets it", async () => {
    const { client } = await openSecrets();
    const event = await request(client);
    const seen = barrier(2);
    const { handler } = handlerOver(client, undefined, (secret) => ({
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

describe("with an origin", () => {
  test.each(["", "/paw"])("stores the token that PocketPaw made; prefix %j", async (prefix) => {
    const { client } = await openSecrets();
    const origin = await startOrigin(prefix);
    const response = await handlerOver(client, origin).handler(await request(client));
    expect(response.statusCode).toBe(200);
    expect(bodyOf(response)).toEqual({ token: origin.token() });
    expect(await storedToken(client)).toBe(origin.token());
    expect(origin.requests[0]).toBe(`POST ${prefix}/api/token/regenerate`);
  });

  test("of two that PocketPaw both served, the one with its last token gets it, and it is stored", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    const { handler } = handlerOver(client, origin);
    const release = hold(origin);
    const one = handler(await request(client));
    await eventually(() => origin.token() !== MASTER_TOKEN);
    // PocketPaw may accept the second one by a token that is not the stored one yet.
    const other = handler(await request(client, origin.token()));
    const first = origin.token();
    await eventually(() => origin.token() !== first);
    release();
    expect((await one).statusCode).toBe(409);
    expect(Object.keys(bodyOf(await one))).toEqual(["detail"]);
    expect(bodyOf(await other)).toEqual({ token: origin.token() });
    expect(await storedToken(client)).toBe(origin.token());
  });

  test("one that PocketPaw refuses because another came first gets 409 without the other's token", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    const { handler } = handlerOver(client, origin);
    const release = hold(origin);
    const one = handler(await request(client));
    await eventually(() => origin.token() !== MASTER_TOKEN);
    const other = handler(await request(client));
    await eventually(() => origin.requests.length >= 2);
    release();
    expect(bodyOf(await one)).toEqual({ token: origin.token() });
    expect((await other).statusCode).toBe(409);
    expect(Object.keys(bodyOf(await other))).toEqual(["detail"]);
    expect(await storedToken(client)).toBe(origin.token());
  });
});

/** PocketPaw's responses to the regenerate route wait, with the token made, until what is returned is called. */
function hold(origin: Origin): () => void {
  let release: () => void = () => undefined;
  origin.hold = new Promise((resolve) => (release = resolve));
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
