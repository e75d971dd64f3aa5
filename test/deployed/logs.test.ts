import { expect, test } from "vitest";
import { forgedToken, sessionIdFor, sessionToken } from "../support/tokens.ts";
import { deployed, functionName, gateway } from "./support/deployed.ts";
import { logOf } from "./support/emulator.ts";
import { PLACES, send } from "./support/http.ts";

const { url, masterToken, hmacKey } = deployed;
const now = Math.floor(Date.now() / 1000);
const allowed = sessionToken(masterToken, hmacKey, now + 3700);
const forged = forgedToken(now + 3700, 3);

test("the functions' logs hold a line for each decision, which names the session, and no token, key or cookie", async () => {
  const tokens = [allowed, forged, masterToken];
  for (const token of tokens) {
    for (const place of Object.values(PLACES)) {
      await send(gateway, ...place("GET /api/auth/session", token));
    }
    await send(gateway, ...PLACES.header("POST /api/auth/session", token));
  }
  const lines = await logOf(url, functionName("authorizer"));
  const line = { event: "authorization", outcome: "allowed", method: "session" };
  const sender = { requestId: expect.any(String), sourceIp: expect.any(String) };
  const sessionId = sessionIdFor(allowed);
  expect(lines).toContainEqual(expect.objectContaining({ ...line, ...sender, sessionId }));
  const refused = { outcome: "refused", reason: "bad_mac", sessionId: sessionIdFor(forged) };
  expect(lines).toContainEqual(expect.objectContaining(refused));
  const names = ["session", "session-status"].map((key) => functionName(key));
  const text = JSON.stringify([
    lines,
    ...(await Promise.all(names.map((name) => logOf(url, name)))),
  ]);
  for (const secret of [...tokens, hmacKey, "pocketpaw_session", "Bearer", "session:"]) {
    expect(text).not.toContain(secret);
  }
});
