import { describe, expect, test } from "vitest";
import { forgedToken, nativeToken, sessionIdFor, sessionToken } from "../support/tokens.ts";
import { deployed, gateway } from "./support/deployed.ts";
import { PLACES, send } from "./support/http.ts";

const { examples, masterToken, hmacKey, stage, url } = deployed;
const now = Math.floor(Date.now() / 1000);

/** How a route of each kind of API is reached, and what a refusal is there. */
const KINDS = [
  { kind: "the gateway's HTTP API", id: examples.shared, base: "", refusal: 403, missing: 401 },
  { kind: "an HTTP API of its own", id: examples.own, base: "", refusal: 403, missing: 403 },
  { kind: "a REST API", id: examples.rest, base: `/${stage}`, refusal: 401, missing: 401 },
];

describe.each(KINDS)("another stack's routes on $kind", ({ id, base, refusal, missing }) => {
  const api = { url, id };
  const one = `GET ${base}/reports`;
  const other = `GET ${base}/reports/7`;

  test("accept a token that the gateway has issued", async () => {
    const exchange = await send(gateway, ...PLACES.header("POST /api/auth/session", masterToken));
    const { session_token: token } = exchange.json() as { session_token: string };
    for (const target of [one, other]) {
      const reply = await send(api, ...PLACES.header(target, token));
      expect(reply.status).toBe(200);
      expect(reply.json()).toEqual({
        report: target === one ? "all" : "7",
        caller: {
          method: "session",
          expiresAt: token.split(":")[1],
          sessionId: sessionIdFor(token),
        },
      });
    }
  });

  test("see a master token's method and id, and no end", async () => {
    const reply = await send(api, ...PLACES.header(one, masterToken));
    expect(reply.json()).toEqual({
      report: "all",
      caller: { method: "master", sessionId: sessionIdFor(masterToken) },
    });
  });

  test.each([
    ["a forged token", forgedToken(now + 3600, 1)],
    ["an expired token", sessionToken(masterToken, hmacKey, now - 1)],
    ["a token under another HMAC key", sessionToken(masterToken, "k".repeat(48), now + 3600)],
    ["a wrong master token", "8c7e6f0a-3b1d-4e2f-9a5c-d4b3c2a1f0e9"],
  ])("refuse %s", async (_, token) => {
    for (const target of [one, other]) {
      expect((await send(api, ...PLACES.header(target, token))).status).toBe(refusal);
    }
  });

  test("refuse a request without a credential", async () => {
    expect((await send(api, one)).status).toBe(missing);
  });
});

describe.each(KINDS.slice(1))("without an identity source, $kind", ({ id, base }) => {
  test.each(Object.entries(PLACES))("takes a token in the %s", async (_, place) => {
    const token = nativeToken(masterToken, now + 3600);
    const reply = await send({ url, id }, ...place(`GET ${base}/reports`, token));
    expect(reply.json()).toMatchObject({ caller: { method: "native" } });
  });
});
