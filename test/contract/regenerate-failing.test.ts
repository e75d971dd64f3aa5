import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { statusRequest } from "../support/events.ts";
import { startLossyProxy } from "../support/lossy-proxy.ts";
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
import { openSecrets, versionLabelled, versionsOf } from "../support/secrets.ts";
import { HMAC_KEY, MASTER_TOKEN } from "../support/tokens.ts";

describe("when PocketPaw fails", () => {
  const unanswered: [string, string, (origin: Origin) => void][] = [
    ["cannot be reached", "upstream_unreachable", (origin) => (origin.url = "http://127.0.0.1:1")],
    [
      "cuts the connection",
      "upstream_unreachable",
      (origin) => (origin.respondToRegenerate = (response) => response.destroy()),
    ],
    [
      "responds with a redirect",
      "upstream_unreachable",
      (origin) =>
        (origin.respondToRegenerate = (response) =>
          response.writeHead(307, { location: `${origin.url}/api/auth/session` }).end()),
    ],
    [
      "responds with 500",
      "upstream_failed",
      (origin) => (origin.respondToRegenerate = (response) => response.writeHead(500).end("{}")),
    ],
    [
      "responds with 403, as a proxy or a firewall before it does",
      "upstream_failed",
      (origin) => (origin.respondToRegenerate = (response) => response.writeHead(403).end("{}")),
    ],
    [
      "responds with 403 with a token",
      "upstream_failed",
      (origin) =>
        (origin.respondToRegenerate = (response, token) =>
          response.writeHead(403).end(JSON.stringify({ token }))),
    ],
    [
      "responds without a token",
      "upstream_failed",
      (origin) => (origin.respondToRegenerate = (response) => response.end("{}")),
    ],
    [
      "responds with no JSON",
      "upstream_failed",
      (origin) => (origin.respondToRegenerate = (response, token) => response.end(`<p>${token}`)),
    ],
    [
      "responds with a token that no header could carry",
      "upstream_failed",
      (origin) => (origin.respondToRegenerate = (response) => response.end('{"token":"a b"}')),
    ],
  ];

  test.each(unanswered)("502, and nothing changed, when it %s", async (_what, reason, breakIt) => {
    const { client } = await openSecrets();
    const before = await versionsOf(client, SECRET_ID);
    const origin = await startOrigin();
    breakIt(origin);
    const { handler, entries } = handlerOver(client, origin);
    const response = await handler(await request(client));
    expect(response.statusCode).toBe(502);
    expect(bodyOf(response).detail).toMatch(
      /The secret is unchanged.*~\/\.pocketpaw\/access_token.*test\/master-token$/,
    );
    expect(await versionsOf(client, SECRET_ID)).toEqual(before);
    expect(entries).toMatchObject([{ level: "ERROR", outcome: "failed", reason, ...LOGGED }]);
  });

  test("409 without a token when PocketPaw has ended the master token, and nothing changed", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    await regenerateDirectly(origin);
    const { handler, entries } = handlerOver(client, origin);
    const response = await handler(await request(client));
    expect(response.statusCode).toBe(409);
    expect(Object.keys(bodyOf(response))).toEqual(["detail"]);
    expect(entries).toMatchObject([{ level: "WARN", outcome: "refused", reason: "overtaken" }]);
    expect(await storedToken(client)).toBe(MASTER_TOKEN);
  });

  test("a proxy's 403 does not say that a token has ended: the token that is stored is returned", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    origin.respondToSession = (response) => response.writeHead(403).end();
    const { handler, entries } = handlerOver(client, origin);
    const response = await handler(await request(client));
    expect(response.statusCode).toBe(200);
    expect(bodyOf(response)).toEqual({ token: origin.token() });
    expect(await storedToken(client)).toBe(origin.token());
    expect(entries).toMatchObject([{ level: "WARN", outcome: "done" }]);
  });

  test("502 that names the setting, when the authorizer minted no cookie", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    const { versionId: version } = await versionLabelled(client, SECRET_ID, "AWSCURRENT");
    const response = await handlerOver(client, origin).handler(
      statusRequest({ ...CALLER, masterTokenVersion: version }),
    );
    expect(response.statusCode).toBe(502);
    expect(bodyOf(response).detail).toContain("ACCEPT_NATIVE_TOKENS");
    expect(origin.requests).toEqual([]);
  });

  test("409 when PocketPaw made yet another token, which no request stores", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    origin.respondToRegenerate = (response, token) => {
      origin.respondToRegenerate = undefined;
      response.end(JSON.stringify({ token }));
    };
    const { handler, entries } = handlerOver(client, origin, (secret) => ({
      ...secret,
      put: async (...version) => {
        await regenerateDirectly(origin);
        await secret.put(...version);
      },
    }));
    const response = await handler(await request(client));
    expect(response.statusCode).toBe(409);
    expect(response.body).not.toContain(origin.token());
    expect(entries).toMatchObject([{ outcome: "refused", reason: "overtaken" }]);
  });
});

describe("when Secrets Manager fails", () => {
  test("503, and nothing was done, when the secret cannot be read at first", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    const { handler, entries } = handlerOver(client, origin, (secret) => ({
      ...secret,
      current: () => Promise.reject(new Error("down")),
    }));
    expect((await handler(await request(client))).statusCode).toBe(503);
    expect(origin.requests).toEqual([]);
    expect(entries).toMatchObject([{ outcome: "failed", reason: "secrets_unavailable" }]);
  });

  test.each(["{broken", "with a space", '{"key":"x"}'])(
    "503, and nothing was done, when the secret is unusable: %s",
    async (masterToken) => {
      const { client } = await openSecrets({}, { masterToken, hmacKey: HMAC_KEY });
      const origin = await startOrigin();
      const { handler, entries } = handlerOver(client, origin);
      expect((await handler(await request(client))).statusCode).toBe(503);
      expect(origin.requests).toEqual([]);
      expect(entries).toMatchObject([{ outcome: "failed", reason: "secrets_unusable" }]);
    },
  );

  test.each(["put", "makeCurrent"] as const)(
    "500 with PocketPaw's new token, and where to put it, when it cannot be stored: %s",
    async (method) => {
      const { client } = await openSecrets();
      const origin = await startOrigin();
      const { handler, entries } = handlerOver(client, origin, (secret) => ({
        ...secret,
        [method]: () => Promise.reject(new Error("down")),
      }));
      const response = await handler(await request(client));
      expect(response.statusCode).toBe(500);
      expect(bodyOf(response).token).toBe(origin.token());
      expect(bodyOf(response).detail).toContain(`--secret-id ${SECRET_ID} --secret-string`);
      expect(entries).toMatchObject([{ level: "ERROR", outcome: "failed", reason: "not_stored" }]);
      expect(JSON.stringify(entries)).not.toContain(origin.token());
    },
  );

  test("a token that was not made current before the function ended can be found by the label REGENERATED", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    const { handler } = handlerOver(client, origin, (secret) => ({
      ...secret,
      makeCurrent: () => Promise.reject(new Error("killed")),
    }));
    await handler(await request(client));
    expect((await versionLabelled(client, SECRET_ID, "REGENERATED")).value).toBe(origin.token());
    expect(await storedToken(client)).toBe(MASTER_TOKEN);
  });

  test("200 when it fails only once the token is stored", async () => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    let isStored = false;
    const { handler } = handlerOver(client, origin, (secret) => ({
      ...secret,
      makeCurrent: async (...versions) => (isStored = await secret.makeCurrent(...versions)),
      current: () => (isStored ? Promise.reject(new Error("down")) : secret.current()),
    }));
    const response = await handler(await request(client));
    expect(response.statusCode).toBe(200);
    expect(bodyOf(response)).toEqual({ token: await storedToken(client) });
  });

  test.each([1, 2, 3, 4])("200 when the response to its request %i is lost", async (lostAt) => {
    const { client, url, newClient } = await openSecrets();
    const event = await request(client);
    const lossy = newClient(await startLossyProxy(url, (_operation, count) => count === lostAt));
    const response = await handlerOver(lossy).handler(event);
    expect(response.statusCode).toBe(200);
    expect(bodyOf(response)).toEqual({ token: await storedToken(client) });
  });
});

describe("without the authorizer's context: 401, and nothing was done", () => {
  const { requestContext, ...event } = requestOf("v1");
  const { authorizer: _authorizer, ...context } = requestContext;
  test.each([
    ["no authorizer", { ...event, requestContext: context }],
    [
      "an authorizer without a context",
      { ...event, requestContext: { ...context, authorizer: {} } },
    ],
    ["a context without a method", statusRequest({})],
    ["no request context", event],
    ["no event", undefined],
  ])("%s", async (_what, odd) => {
    const { client } = await openSecrets();
    const origin = await startOrigin();
    const response = await handlerOver(client, origin).handler(
      odd as APIGatewayProxyEventV2WithLambdaAuthorizer<Record<string, string>>,
    );
    expect(response.statusCode).toBe(401);
    expect(origin.requests).toEqual([]);
    expect(await storedToken(client)).toBe(MASTER_TOKEN);
  });
});

/** At PocketPaw itself, past the gateway. */
async function regenerateDirectly(origin: Origin): Promise<void> {
  await fetch(`${origin.url}/api/token/regenerate`, {
    method: "POST",
    headers: { cookie: upstreamCookie(origin.token()) },
  });
}
