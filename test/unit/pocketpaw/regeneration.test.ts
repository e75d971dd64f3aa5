import { describe, expect, test } from "vitest";
import { type Origin, startOrigin } from "../../keys/origin.ts";
import {
  bodyOf,
  handlerOver,
  LOGGED,
  request,
  storedToken,
} from "../../keys/regenerate-handler.ts";
import { openSecrets } from "../../keys/support.ts";
import { eventually } from "../../support/eventually.ts";
import { HMAC_KEY, MASTER_TOKEN } from "../../support/tokens.ts";

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("without an origin", () => {
  test("makes a UUID4, stores it, and answers as PocketPaw does", async () => {
    const { client } = await openSecrets();
    const { handler, entries } = handlerOver(client);
    const answered = await handler(request());
    expect(answered).toMatchObject({
      statusCode: 200,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
    expect(Object.keys(bodyOf(answered))).toEqual(["token"]);
    expect(bodyOf(answered).token).toMatch(UUID4);
    expect(await storedToken(client)).toBe(bodyOf(answered).token);
    expect(entries).toEqual([{ level: "INFO", outcome: "done", ...LOGGED }]);
  });

  test("keeps a JSON secret JSON", async () => {
    const json = JSON.stringify({ token: MASTER_TOKEN });
    const { client } = await openSecrets({}, { masterToken: json, hmacKey: HMAC_KEY });
    const answered = await handlerOver(client).handler(request());
    expect(await storedToken(client)).toBe(JSON.stringify({ token: bodyOf(answered).token }));
  });

  test("a page of another origin, on the browser's cookie, is refused, and nothing changes", async () => {
    const { client } = await openSecrets();
    const { handler, entries } = handlerOver(client);
    const event = request();
    const headers = { ...event.headers, origin: "https://evil.example" };
    const answered = await handler({ ...event, headers });
    expect(answered.statusCode).toBe(403);
    expect(await storedToken(client)).toBe(MASTER_TOKEN);
    const refused = { level: "WARN", outcome: "refused", reason: "cross_origin" };
    expect(entries).toEqual([{ ...refused, ...LOGGED }]);
  });

  test("two that both saw the old token answer with the one that is stored", async () => {
    const { client } = await openSecrets();
    const seen = barrier(2);
    const { handler } = handlerOver(client, undefined, (secret) => ({
      ...secret,
      put: async (...version) => {
        await seen();
        await secret.put(...version);
      },
    }));
    const [one, other] = await Promise.all([handler(request()), handler(request())]);
    expect(bodyOf(one)).toEqual({ token: await storedToken(client) });
    expect(bodyOf(other)).toEqual(bodyOf(one));
  });
});

describe("with an origin", () => {
  test.each(["", "/paw"])("stores the token that PocketPaw made; prefix %j", async (prefix) => {
    const { client } = await openSecrets();
    const origin = await startOrigin(prefix);
    const answered = await handlerOver(client, origin).handler(request());
    expect(answered.statusCode).toBe(200);
    expect(bodyOf(answered)).toEqual({ token: origin.token() });
    expect(await storedToken(client)).toBe(origin.token());
    expect(origin.requests[0]).toBe(`POST ${prefix}/api/token/regenerate`);
  });

  test("two that PocketPaw both served answer with its last token, which is stored", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    const { handler } = handlerOver(client, origin);
    const release = hold(origin);
    const one = handler(request());
    await eventually(() => origin.token() !== MASTER_TOKEN);
    // PocketPaw may let the second one in by a token that is not the stored one yet.
    const other = handler(request(origin.token()));
    const first = origin.token();
    await eventually(() => origin.token() !== first);
    release();
    expect(bodyOf(await one)).toEqual({ token: origin.token() });
    expect(bodyOf(await other)).toEqual({ token: origin.token() });
    expect(await storedToken(client)).toBe(origin.token());
  });

  test("one that PocketPaw refuses because another came first answers with the other's token", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    const { handler } = handlerOver(client, origin);
    const release = hold(origin);
    const one = handler(request());
    await eventually(() => origin.token() !== MASTER_TOKEN);
    const other = handler(request());
    await eventually(() => origin.requests.length >= 3);
    release();
    expect(bodyOf(await one)).toEqual({ token: origin.token() });
    expect(bodyOf(await other)).toEqual({ token: origin.token() });
    expect(await storedToken(client)).toBe(origin.token());
  });
});

/** PocketPaw's answers to the regenerate route wait, with the token made, until what is returned is called. */
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
