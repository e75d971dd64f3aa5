import { describe, expect, test, vi } from "vitest";
import { HOST, loginRequest } from "../support/events.ts";
import { json, unauthorized } from "../support/functions.ts";
import { startPocketPaw } from "../support/pocketpaw.ts";
import { bodyOf, LOGGED, openRegeneration } from "../support/regeneration.ts";
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

describe("by the master token", () => {
  test("makes a token, stores it, and responds as PocketPaw does, without a cookie", async () => {
    const { ask, stored, entries } = await openRegeneration();
    const response = await ask();
    expect(response).toEqual(json(200, { token: await stored() }));
    expect(await stored()).not.toBe(MASTER_TOKEN);
    // WARN: it is rare, and alarms are on it.
    expect(entries).toEqual([{ level: "WARN", outcome: "done", ...LOGGED }]);
  });

  test("keeps a JSON secret JSON", async () => {
    const masterToken = JSON.stringify({ token: MASTER_TOKEN });
    const { ask, stored } = await openRegeneration({ values: { masterToken, hmacKey: HMAC_KEY } });
    const { token } = bodyOf(await ask());
    expect(await stored()).toBe(JSON.stringify({ token }));
  });

  test.each(["", "/paw"])("stores the token that PocketPaw made; prefix %j", async (prefix) => {
    const pocketPaw = await startPocketPaw(prefix);
    const { ask, stored } = await openRegeneration({ pocketPaw });
    expect(bodyOf(await ask())).toEqual({ token: pocketPaw.token() });
    expect(await stored()).toBe(pocketPaw.token());
    expect(pocketPaw.requests[0]).toBe(`POST ${prefix}/api/token/regenerate`);
  });
});

describe("by a session", () => {
  test.each([
    [HOST, "__Host-pocketpaw_session", "HttpOnly; Secure;"],
    ["localhost:8000", "pocketpaw_gateway_session", "HttpOnly;"],
  ])(
    "gives a session under the new master token, with the caller's end, also as cookie, and nothing else: %s",
    async (host, name, attributes) => {
      const pocketPaw = await startPocketPaw();
      const { request, regenerate, stored } = await openRegeneration({ pocketPaw });
      const exp = inAnHour();
      const event = await request({ method: "session", expiresAt: String(exp) });
      const response = await regenerate({ ...event, headers: { host } });
      expect(await stored()).toBe(pocketPaw.token());
      const token = sessionToken(pocketPaw.token(), HMAC_KEY, exp);
      expect(response).toEqual({ ...json(200, { token }), cookies: [expect.any(String)] });
      const [start, maxAge] = response.cookies?.[0]?.split("Max-Age=") ?? [];
      expect(start).toBe(`${name}=${token}; Path=/; ${attributes} SameSite=Strict; `);
      expect(Number(maxAge)).toBeLessThanOrEqual(3_600);
      expect(Number(maxAge)).toBeGreaterThan(3_500);
    },
  );

  test("where the HMAC key cannot be used, nothing is done: 503", async () => {
    const pocketPaw = await startPocketPaw();
    const values = { masterToken: MASTER_TOKEN, hmacKey: "too short" };
    const { ask, stored, entries } = await openRegeneration({ pocketPaw, values });
    const caller = { method: "session", expiresAt: String(inAnHour()) };
    expect(await ask(caller)).toMatchObject({ statusCode: 503 });
    expect(entries).toMatchObject([{ outcome: "failed", reason: "secrets_unusable" }]);
    expect(pocketPaw.requests).toEqual([]);
    expect(await stored()).toBe(MASTER_TOKEN);
  });
});

describe("409 without a token, and nothing changes", () => {
  test.each(["", "v0", "AWSCURRENT"])("for another version: %j", async (masterTokenVersion) => {
    const { ask, stored } = await openRegeneration();
    const response = await ask({ masterTokenVersion });
    expect(response).toMatchObject({ statusCode: 409 });
    expect(Object.keys(bodyOf(response))).toEqual(["detail"]);
    expect(await stored()).toBe(MASTER_TOKEN);
  });

  test("for a session of an older version", async () => {
    const { request, ask, regenerate, stored, entries } = await openRegeneration();
    const revoked = await request();
    await ask();
    const token = await stored();
    expect(await regenerate(revoked)).toMatchObject({ statusCode: 409 });
    expect(await stored()).toBe(token);
    const refused = { level: "WARN", outcome: "refused", reason: "overtaken" };
    expect(entries.at(-1)).toEqual({ ...refused, ...LOGGED });
  });
});

// With a PocketPaw, and in any order: test/unit/pocketpaw/regeneration.property.test.ts.
test("of two at the same time that both saw the old token, only the one whose token is stored gets it", async () => {
  let waiting = 2;
  const { ask, stored } = await openRegeneration({
    changeSecret: (secret) => ({
      ...secret,
      put: async (...version) => {
        waiting -= 1;
        await vi.waitUntil(() => waiting === 0);
        await secret.put(...version);
      },
    }),
  });
  const both = await Promise.all([ask(), ask()]);
  const [won, lost] = both.toSorted((one, other) => one.statusCode - other.statusCode);
  expect(won && bodyOf(won)).toEqual({ token: await stored() });
  expect(lost).toMatchObject({ statusCode: 409 });
  expect(lost?.body).not.toContain(await stored());
});

test("without the context of our authorizer: 401, and nothing is done", async () => {
  const { regenerate, stored } = await openRegeneration();
  const event = loginRequest("") as Parameters<typeof regenerate>[0];
  expect(await regenerate(event)).toEqual(unauthorized("Unauthorized"));
  expect(await stored()).toBe(MASTER_TOKEN);
});
