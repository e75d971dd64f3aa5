import { describe, expect, test } from "vitest";
import { forgedToken, sessionIdFor, sessionToken } from "../support/tokens.ts";
import { deployed, functionName, gateway } from "./support/deployed.ts";
import { logOf } from "./support/emulator.ts";
import { PLACES, send } from "./support/http.ts";

const { url, masterToken, hmacKey } = deployed;
const now = Math.floor(Date.now() / 1000);
const allowed = sessionToken(masterToken, hmacKey, now + 3700);
const forged = forgedToken(now + 3700, 3);

describe("the functions' logs", () => {
  test("hold a line for each decision, which names the session", async () => {
    await send(gateway, ...PLACES.header("GET /api/auth/session", allowed));
    await send(gateway, ...PLACES.header("GET /api/auth/session", forged));
    const lines = await logOf(url, functionName("authorizer"));
    expect(lines).toContainEqual(
      expect.objectContaining({
        event: "authorization",
        outcome: "allowed",
        method: "session",
        sessionId: sessionIdFor(allowed),
        requestId: expect.any(String),
        sourceIp: expect.any(String),
      }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({
        event: "authorization",
        outcome: "refused",
        reason: "bad_mac",
        sessionId: sessionIdFor(forged),
      }),
    );
  });

  test("hold no token, key or cookie", async () => {
    const tokens = [allowed, forged, masterToken, "8c7e6f0a-3b1d-4e2f-9a5c-d4b3c2a1f0e9"];
    for (const token of tokens) {
      for (const place of Object.values(PLACES)) {
        await send(gateway, ...place("GET /api/auth/session", token));
      }
      await send(gateway, ...PLACES.header("POST /api/auth/session", token));
    }
    const names = ["session", "authorizer", "session-status"].map((key) => functionName(key));
    const text = JSON.stringify(await Promise.all(names.map((name) => logOf(url, name))));
    expect(text).toContain(sessionIdFor(allowed));
    for (const secret of [...tokens, hmacKey, "pocketpaw_session", "Bearer", "session:"]) {
      expect(text).not.toContain(secret);
    }
  });
});
