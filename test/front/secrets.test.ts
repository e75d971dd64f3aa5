// Rule 1 of the example's reverse proxies: who gets in, and how a secret is rotated.
import { describe, expect, test } from "vitest";
import { HANDSHAKE, send } from "../support/http.ts";
import { BOTH, PROXIES, SECRETS } from "./support/proxies.ts";
import { API, DIRECT, useStand } from "./support/stand.ts";

describe.each(PROXIES)("%s", (_name, start) => {
  const stand = useStand(start);

  test("responds 403 to a request without a secret, whatever else is in it, and asks nobody", async () => {
    const values = [
      "",
      " ",
      "x",
      SECRETS.api.toLowerCase(),
      SECRETS.api.slice(0, -1),
      `${SECRETS.api}x`,
      `${SECRETS.api}, x`,
      ".{48}",
      "*",
      "api",
      "{env.HOME}",
      ["wrong", SECRETS.api],
      [SECRETS.direct, "x"].join(),
    ];
    const lines = ["GET /", "GET /ws", "POST /api/auth/session", "OPTIONS /api/x", "GET /x#y"];
    for (const line of [...lines, `GET /${"%2f".repeat(400)}`, `GET /?token=x`]) {
      expect.soft(await stand.refusal(line), line).toBe(403);
      expect.soft(await stand.refusal(line, { x_origin_verify: SECRETS.api }), line).toBe(403);
      for (const value of values) {
        const headers = { ...HANDSHAKE, "x-origin-verify": value };
        expect.soft(await stand.refusal(line, headers), `${line} ${value}`).toBe(403);
      }
    }
    expect(stand.api.requests).toEqual([]);
  });

  test("a secret is compared by its value alone, in any case of the header's name", async () => {
    expect((await stand.send("GET /", { "X-ORIGIN-VERIFY": SECRETS.api })).status).toBe(200);
    expect((await stand.send("GET /", { "X-ORIGIN-VERIFY": SECRETS.direct })).status).toBe(200);
  });

  test("an empty or cut-off line in the file of secrets opens nothing", async () => {
    const cutOff = SECRETS.api.slice(0, 31);
    const accepted = [["", "api"] as const, [cutOff, "api"] as const, ...BOTH];
    const careless = await start({ ...stand.options, accepted });
    const statusOf = async (headers: Record<string, string>) =>
      (await send(careless, "GET /", headers)).status;
    expect(await statusOf(API)).toBe(200);
    expect(await statusOf({})).toBe(403);
    for (const value of ["", " ", cutOff]) {
      expect(await statusOf({ "x-origin-verify": value })).toBe(403);
    }
    await careless.stop();
  });

  test("a secret whose word in the file is misspelled lets nothing through without verify", async () => {
    stand.api.answer = { status: 401 };
    for (const word of ["drect", "Direct", "API"]) {
      const careless = await start({ ...stand.options, accepted: [[SECRETS.direct, word]] });
      for (const line of ["GET /", "GET /api/v1/chat", "POST /webhook/whatsapp"]) {
        expect.soft((await send(careless, line, DIRECT)).status, line).toBeGreaterThanOrEqual(400);
      }
      await careless.stop();
    }
    expect(stand.upstream.requests).toEqual([]);
  });

  test("logs neither a secret, nor a token, nor a query, also when PocketPaw and the API are down", async () => {
    const gateway = { ...stand.options.gateway, url: "https://localhost:1" };
    const down = await start({ ...stand.options, upstreamPort: 1, gateway });
    for (const proxy of [down, stand.proxy]) {
      const credentials = { cookie: "pocketpaw_session=CookieToken", authorization: "Bearer Bear" };
      for (const line of [
        "GET /api/x?q=QueryToken",
        "GET /ws?q=QueryToken",
        "GET /api/x#QueryToken",
      ]) {
        await send(proxy, line, { ...API, ...credentials });
        await send(proxy, line, { ...DIRECT, ...HANDSHAKE, ...credentials });
        await send(proxy, line, { "x-origin-verify": "SecretWrong" });
      }
    }
    await down.stop();
    expect(down.logs() + stand.proxy.logs()).not.toMatch(
      /Secret[A-Z]|QueryToken|CookieToken|Bear\b/,
    );
  });
});
