import { describe, expect, test } from "vitest";
import { inboundWebhookRoute, PAGE_ROUTES, WEBHOOK_ROUTES } from "../../deploy/routes.js";
import { sendMarked } from "./support/access-log.ts";
import { deployed, gateway } from "./support/deployed.ts";
import { send } from "./support/http.ts";

const { pocketPaw } = deployed;

describe("without a credential", () => {
  test.each([...PAGE_ROUTES, ...WEBHOOK_ROUTES, inboundWebhookRoute("some-hook")])(
    "%s reaches PocketPaw",
    async (route) => {
      const target = route
        .replace("/static/js/{level3}/{level4}", "/static/js/features/chat.js")
        .replace("/static/{level2}/{level3}", "/static/js/app.js")
        .replace("/static/{level2}", "/static/index.html.deprecated");
      const { accesses } = await sendMarked(target);
      expect(accesses).toHaveLength(1);
    },
  );

  test("the dashboard's page and its scripts load", async () => {
    const page = await send(gateway, "GET /");
    expect(page.status).toBe(200);
    expect(page.text).toContain("<title>");
    const files = [...page.text.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map(([, f]) => f);
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) expect((await send(gateway, `GET ${file}`)).status).toBe(200);
  });

  // PocketPaw 0.4.18 leaves some of these open: the consent of its OAuth gives anyone what is exchanged for a
  // session, and who scans WhatsApp's QR code first is the one whom the agent obeys.
  test.each([
    "GET /api/qr",
    "GET /api/v1/qr",
    "GET /api/whatsapp/qr",
    "GET /api/v1/whatsapp/qr",
    "POST /webhook/inbound/another-hook",
    "POST /api/v1/oauth/authorize/consent",
    "GET /api/v1/oauth/authorize/consent",
    "GET /api/v1/chat/history",
    "GET /api/v1/sessions",
    "GET /api/v1/users",
    "GET /uploads/file.txt",
    "POST /",
    "GET /oauth/callback?error=x",
    "GET /api/mcp/oauth/callback",
    "GET /api/v1/mcp/oauth/callback",
    "GET /api/v1/oauth/authorize?state=x",
    "POST /api/v1/oauth/token",
    "GET /api/v1/docs",
    "GET /api/v1/redoc",
    "GET /api/v1/openapi.json",
    "GET /docs",
    "GET /openapi.json",
  ])("%s does not reach PocketPaw", async (target) => {
    const { reply, accesses } = await sendMarked(target);
    expect([403, 404]).toContain(reply.status);
    expect(accesses).toEqual([]);
  });

  // However a path is written, PocketPaw must not read it as one that is not open here.
  const TRICKS_ON_OPEN_ROUTES = [
    "GET /static/../api/qr",
    "GET /static/..%2fapi/qr",
    "GET /static/..%2fapi%2fqr",
    "GET /static/%2e%2e/api/qr",
    "GET /static/..%5capi%5cqr",
    "GET /static/..;/api/qr",
    "GET /static/js/../../api/qr",
    "GET /static/js/..%2f..%2fapi%2fqr",
    "GET /static/js/features/..%2f..%2f..%2fapi%2fqr",
    "GET /favicon.ico/../api/qr",
    "GET /static/..%252Fapi%252Fqr",
    "GET /static/js/..%252F..%252Fapi%252Fqr",
    "POST /webhook/inbound/..%252F..%252Fapi%252Fv1%252Foauth%252Fauthorize%252Fconsent",
    "POST /webhook/inbound/some-hook/..%2f..%2f..%2fapi%2fv1%2foauth%2fauthorize%2fconsent",
    "POST /webhook/inbound/..%2f..%2fapi%2fv1%2foauth%2fauthorize%2fconsent",
    "POST /webhook/inbound/../../api/v1/oauth/authorize/consent",
  ];
  test.each([
    ...TRICKS_ON_OPEN_ROUTES,
    "GET //api/qr",
    "GET /api//qr",
    "GET /api/qr/",
    "GET /API/QR",
    "GET /api/%71r",
    "GET /api%2fqr",
    "GET /%61pi/qr",
    "GET /api/./qr",
    "GET /./api/qr",
    "GET /api/auth/login/../../qr",
    "GET /api/v1/docs/../qr",
    "GET /api/v1/docs/..%2fqr",
    "GET /api/whatsapp/qr/../../qr",
    "GET /oauth/callback/../../api/qr",
    "POST /api/v1/oauth/token/../authorize/consent",
    "POST //api/v1/oauth/authorize/consent",
    "POST /api/v1/oauth/authorize%2fconsent",
  ])("%s yields nothing", async (target) => {
    const { reply, accesses } = await sendMarked(target);
    expect([400, 401, 403, 404, 405]).toContain(reply.status);
    expect(accesses.filter((line) => /" [23][0-9]{2}/.test(line))).toEqual([]);
  });

  // For an API Gateway that matches paths otherwise than this one.
  test.each(TRICKS_ON_OPEN_ROUTES)("%s would yield nothing at PocketPaw either", async (target) => {
    expect([400, 401, 403, 404, 405]).toContain((await send(pocketPaw.url, target)).status);
  });
});
