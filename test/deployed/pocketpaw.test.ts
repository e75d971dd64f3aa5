import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { forgedToken, nativeToken, sessionToken } from "../support/tokens.ts";
import { sendMarked } from "./support/access-log.ts";
import { deployed, gateway } from "./support/deployed.ts";
import { PLACES, type Reply, send } from "./support/http.ts";

const { hmacKey, masterToken, pocketPaw } = deployed;
const now = Math.floor(Date.now() / 1000);
const session = sessionToken(masterToken, hmacKey, now + 3600);

test("PocketPaw demands a token from its own machine too", async () => {
  expect((await send(pocketPaw.url, "GET /api/identity")).status).toBe(401);
});

describe("a route of PocketPaw's own, through the gateway", () => {
  const places = Object.entries(PLACES);

  test.each(places)("responds with 200 with our session token in the %s", async (_, place) => {
    const [target, options] = place("GET /api/identity", session);
    const { reply, accesses } = await sendMarked(target, options);
    expect(reply.status).toBe(200);
    expect(reply.json()).toHaveProperty("identity_file");
    expect(accesses).toHaveLength(1);
  });

  test.each([
    ["the master token", masterToken],
    ["a token of PocketPaw's own", nativeToken(masterToken, now + 3600)],
  ])("responds with 200 with %s", async (_, token) => {
    const { reply } = await sendMarked(...PLACES.header("GET /api/identity", token));
    expect(reply.status).toBe(200);
  });

  test.each([
    ["a forged token", forgedToken(now + 3600, 2)],
    ["an expired token", sessionToken(masterToken, hmacKey, now - 1)],
    ["an expired token of PocketPaw's own", nativeToken(masterToken, now - 1)],
    ["a wrong master token", randomUUID()],
  ])("is not reached with %s", async (_, token) => {
    for (const [, place] of places) {
      const [target, options] = place("GET /api/identity", token);
      const { reply, accesses } = await sendMarked(target, options);
      expect(reply.status).toBe(403);
      expect(accesses).toEqual([]);
    }
  });

  test("is not reached without a credential", async () => {
    const { reply, accesses } = await sendMarked("GET /api/identity");
    expect(reply.status).toBe(403);
    expect(accesses).toEqual([]);
  });

  test("receives no session token in its URL, which it would log", async () => {
    for (const target of ["GET /api/identity", "GET /"]) {
      const { accesses } = await sendMarked(...PLACES.query(target, session));
      expect(accesses).toHaveLength(1);
      expect(accesses.join()).not.toMatch(/token=|session:|session%3A/);
    }
  });

  test("gets the authorizer's cookie in place of the client's", async () => {
    const [target, { headers }] = PLACES.header("GET /api/identity", session);
    const cookie = `pocketpaw_session=${nativeToken("another master token", now + 3600)}`;
    const { reply } = await sendMarked(target, { headers: { ...headers, cookie } });
    expect(reply.status).toBe(200);
  });

  test("can be posted to", async () => {
    const options = { headers: PLACES.header("", session)[1].headers, body: { query: "" } };
    const { reply, accesses } = await sendMarked("POST /api/skills/reload", options);
    expect(reply.status).toBe(200);
    expect(accesses).toHaveLength(1);
  });

  test("shows WhatsApp's QR code, once one is logged in; the dashboard's own is the gateway's", async () => {
    const whatsApp = await sendMarked(...PLACES.header("GET /api/whatsapp/qr", session));
    expect(whatsApp.reply.status).toBe(200);
    expect(whatsApp.accesses).toHaveLength(1);
    const own = await sendMarked(...PLACES.header("GET /api/qr", session));
    expect(own.reply.status).toBe(200);
    expect(own.reply.headers["content-type"]).toBe("image/png");
    expect(own.accesses).toEqual([]);
  });

  test("gets the gateway's response when PocketPaw does not have it", async () => {
    const { reply } = await sendMarked(...PLACES.header("GET /api/no/such/route", session));
    expect(reply.status).toBe(404);
    expect(reply.json()).toEqual({ detail: "Not Found" });
  });
});

describe("login", () => {
  const body = { token: masterToken };
  const cookieOf = ({ headers }: Reply) => headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  const methodOf = async (cookie: string) => {
    expect(cookie).toMatch(/^pocketpaw_session=[0-9]+:[0-9a-f]{64}$/);
    const { reply } = await sendMarked("GET /api/identity", { headers: { cookie } });
    expect(reply.status).toBe(200);
    return (await send(gateway, "GET /api/auth/session", { headers: { cookie } })).json();
  };

  test("is the gateway's own, with a cookie that PocketPaw accepts", async () => {
    const { reply, accesses } = await sendMarked("POST /api/auth/login", { body });
    expect([reply.status, reply.json()]).toEqual([200, { ok: true }]);
    expect(accesses).toEqual([]);
    const cookie = cookieOf(reply);
    expect(await methodOf(cookie)).toMatchObject({ authenticated: true, method: "native" });
    const direct = await send(pocketPaw.url, "GET /api/identity", { headers: { cookie } });
    expect(direct.status).toBe(200);
  });

  test("at PocketPaw itself gives a cookie that the gateway accepts", async () => {
    const cookie = cookieOf(await send(pocketPaw.url, "POST /api/auth/login", { body }));
    expect(await methodOf(cookie)).toMatchObject({ authenticated: true, method: "native" });
  });

  test("refuses a wrong token in PocketPaw's words", async () => {
    const reply = await send(gateway, "POST /api/auth/login", { body: { token: "wrong" } });
    expect([reply.status, reply.json()]).toEqual([401, { detail: "Invalid access token" }]);
    expect(reply.headers).not.toHaveProperty("set-cookie");
  });
});
