import { describe, expect, test } from "vitest";
import { inboundWebhookRoute, PAGE_ROUTES, WEBHOOK_ROUTES } from "../../deploy/routes.js";
import { forgedToken, pocketPawToken, sessionToken } from "../support/tokens.ts";
import { sendMarked } from "./support/access-log.ts";
import { deployed, gateway } from "./support/deployed.ts";
import { PLACES, send } from "./support/http.ts";

const { hmacKey, masterToken, pocketPaw } = deployed;
const now = Math.floor(Date.now() / 1000);
const session = sessionToken(masterToken, hmacKey, now + 3600);
const places = Object.entries(PLACES);

test("PocketPaw demands a token from its own machine too", async () => {
  expect((await send(pocketPaw.url, "GET /api/identity")).status).toBe(401);
});

describe("a route of PocketPaw's own, through the gateway", () => {
  test.each(places)("responds with 200 with a session token in the %s", async (_, place) => {
    const [target, options] = place("GET /api/identity", session);
    const { reply, accesses } = await sendMarked(target, options);
    expect(reply.status).toBe(200);
    expect(reply.json()).toHaveProperty("identity_file");
    expect(accesses).toHaveLength(1);
    // PocketPaw would log it.
    expect(accesses.join()).not.toMatch(/token=|session:|session%3A/);
  });

  test("responds with 200 with the master token, and to a POST", async () => {
    const { reply } = await sendMarked(...PLACES.header("GET /api/identity", masterToken));
    expect(reply.status).toBe(200);
    const options = { headers: PLACES.header("", session)[1].headers, body: { query: "" } };
    expect((await sendMarked("POST /api/skills/reload", options)).reply.status).toBe(200);
  });

  test.each([
    ["a forged token", forgedToken(now + 3600, 2)],
    ["an expired token", sessionToken(masterToken, hmacKey, now - 1)],
    ["a token of PocketPaw's own", pocketPawToken(masterToken, now + 3600)],
  ])("is not reached with %s", async (_, token) => {
    for (const [, place] of places) {
      const { reply, accesses } = await sendMarked(...place("GET /api/identity", token));
      expect([reply.status, accesses]).toEqual([403, []]);
    }
  });

  test("gets the authorizer's cookie in place of the client's", async () => {
    const [target, { headers }] = PLACES.header("GET /api/identity", session);
    const cookie = `pocketpaw_session=${pocketPawToken("another master token", now + 3600)}`;
    expect((await sendMarked(target, { headers: { ...headers, cookie } })).reply.status).toBe(200);
  });
});

describe("without a credential", () => {
  test.each([...PAGE_ROUTES, ...WEBHOOK_ROUTES, inboundWebhookRoute("some-hook")])(
    "%s reaches PocketPaw",
    async (route) => {
      const target = route
        .replace("/static/js/{level3}/{level4}", "/static/js/features/chat.js")
        .replace("/static/{level2}/{level3}", "/static/js/app.js")
        .replace("/static/{level2}", "/static/index.html.deprecated");
      expect((await sendMarked(target)).accesses).toHaveLength(1);
    },
  );

  // PocketPaw 0.4.18 leaves some of these open: the consent of its OAuth gives anyone what is exchanged for a
  // session, and who scans WhatsApp's QR code first is the one whom the agent obeys.
  test.each([
    ...["GET /api/qr", "GET /api/whatsapp/qr", "POST /webhook/inbound/another-hook", "POST /"],
    ...["POST /api/v1/oauth/authorize/consent", "GET /api/v1/sessions", "GET /uploads/file.txt"],
    ...["GET /oauth/callback?error=x", "GET /api/mcp/oauth/callback", "POST /api/v1/oauth/token"],
    ...["GET /api/v1/docs", "GET /docs", "GET /openapi.json", "GET /static/../api/qr"],
    ...["GET /static/..%2fapi/qr", "GET /static/js/..%252F..%252Fapi%252Fqr", "GET //api/qr"],
    ...["POST /webhook/inbound/..%2f..%2fapi%2fv1%2foauth%2fauthorize%2fconsent", "GET /api%2fqr"],
  ])("%s yields nothing", async (target) => {
    const { reply, accesses } = await sendMarked(target);
    expect([400, 401, 403, 404, 405]).toContain(reply.status);
    expect(accesses.filter((line) => /" [23][0-9]{2}/.test(line))).toEqual([]);
  });
});

test("login is the gateway's own, and its cookie opens PocketPaw through the gateway", async () => {
  const body = { token: masterToken };
  const { reply, accesses } = await sendMarked("POST /api/auth/login", { body });
  expect([reply.status, reply.json(), accesses]).toEqual([200, { ok: true }, []]);
  const cookie = reply.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  expect(cookie).toMatch(/^__Host-pocketpaw_session=session:[0-9]+:[0-9a-f]{64}$/);
  expect((await sendMarked("GET /api/identity", { headers: { cookie } })).reply.status).toBe(200);
  const wrong = await send(gateway, "POST /api/auth/login", { body: { token: "wrong" } });
  expect([wrong.status, wrong.json()]).toEqual([401, { detail: "Invalid access token" }]);
});
