import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inboundWebhookRoute, PAGE_ROUTES, WEBHOOK_ROUTES } from "../../deploy/routes.js";
import { ROOT } from "../support/checkout.ts";
import { type Headers, PLACES, send } from "../support/http.ts";
import { HMAC_KEY, sessionToken } from "../support/tokens.ts";
import { deployed } from "./support/deployed.ts";
import { PYTHON_PROGRAMS } from "./support/tools.ts";

const { api, masterToken, pocketPaw } = deployed;

/** Sends a request that can be found in PocketPaw's access log, if it gets that far. */
async function sendMarked(line: string, headers: Headers = {}) {
  const mark = `mark=${randomUUID()}`;
  const { status } = await send(api, line + (line.includes("?") ? "&" : "?") + mark, headers);
  const accesses = readFileSync(pocketPaw.logFile, "utf8")
    .split("\n")
    .filter((access) => access.includes(mark) && / HTTP\/1\.1" [0-9]{3}/.test(access));
  return { status, accesses };
}

test("PocketPaw demands a token from its own machine too", async () => {
  expect((await send(pocketPaw, "GET /api/identity")).status).toBe(401);
});

// PocketPaw would log it.
test.each(Object.entries(PLACES))("PocketPaw gets no session token from the %s", async (_, put) => {
  const token = sessionToken(masterToken, HMAC_KEY, Math.floor(Date.now() / 1000) + 3600);
  const { status, accesses } = await sendMarked(...put("GET /api/identity", token));
  expect([status, accesses]).toEqual([200, [expect.not.stringMatching(/token=|session(:|%3A)/)]]);
});

describe("without a credential", () => {
  test.each([...PAGE_ROUTES, ...WEBHOOK_ROUTES, inboundWebhookRoute("some-hook")])(
    "%s reaches PocketPaw",
    async (route) => {
      const line = route
        .replace("/static/js/{level3}/{level4}", "/static/js/features/chat.js")
        .replace("/static/{level2}/{level3}", "/static/js/app.js")
        .replace("/static/{level2}", "/static/index.html.deprecated");
      expect((await sendMarked(line)).accesses).toHaveLength(1);
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
  ])("%s yields nothing", async (line) => {
    const { status, accesses } = await sendMarked(line);
    expect([400, 401, 403, 404, 405]).toContain(status);
    expect(accesses.filter((access) => /" [23][0-9]{2}/.test(access))).toEqual([]);
  });
});

test("test/pocketpaw/surface.txt lists the routes, token and cookie of the PocketPaw in requirements.txt", () => {
  const folder = join(ROOT, "test", "pocketpaw");
  const args = [join(folder, "surface.py")];
  const printed = execFileSync(join(PYTHON_PROGRAMS, "python"), args, { encoding: "utf8" });
  expect(printed).toBe(readFileSync(join(folder, "surface.txt"), "utf8"));
});
