import { describe, expect, test } from "vitest";
import { forgedToken, sessionToken } from "../support/tokens.ts";
import { gateway as api, deployed, functionName } from "./support/deployed.ts";
import { callsOf } from "./support/emulator.ts";
import { PLACES, send } from "./support/http.ts";

const now = Math.floor(Date.now() / 1000);
const { header } = PLACES;

/** How often the authorizer is called while something is done. */
async function callsWhile(action: () => Promise<void>): Promise<number> {
  const name = functionName("authorizer");
  const before = await callsOf(deployed.url, name);
  await action();
  return (await callsOf(deployed.url, name)) - before;
}

describe("pawSessionCached", () => {
  test("allows a second route by the result for the first", async () => {
    const token = sessionToken(deployed.masterToken, deployed.hmacKey, now + 3601);
    const calls = await callsWhile(async () => {
      const first = await send(api, ...header("GET /reports", token));
      const second = await send(api, ...header("GET /reports/7", token));
      expect([first.status, second.status]).toEqual([200, 200]);
      expect(second.json()).toMatchObject({ report: "7", caller: { method: "session" } });
    });
    expect(calls).toBe(1);
  });

  test("responds with 401 without the header, and does not call the function", async () => {
    const token = sessionToken(deployed.masterToken, deployed.hmacKey, now + 3604);
    const calls = await callsWhile(async () => {
      for (const place of [PLACES.query, PLACES.cookie]) {
        expect((await send(api, ...place("GET /reports", token))).status).toBe(401);
      }
    });
    expect(calls).toBe(0);
  });

  test("refuses again what it has refused, on another route too", async () => {
    const forged = forgedToken(now + 3605);
    const calls = await callsWhile(async () => {
      for (const target of ["GET /reports", "GET /reports", "GET /reports/7"]) {
        expect((await send(api, ...header(target, forged))).status).toBe(403);
      }
    });
    expect(calls).toBe(1);
  });
});

test("pawSession asks each time: a revocation is as fast as the secrets' cache", async () => {
  const token = sessionToken(deployed.masterToken, deployed.hmacKey, now + 3606);
  const calls = await callsWhile(async () => {
    await send(api, ...header("GET /api/auth/session", token));
    await send(api, ...header("GET /api/auth/session", token));
  });
  expect(calls).toBe(2);
});
