import { describe, expect, test } from "vitest";
import {
  forgedToken,
  pairingToken,
  pocketPawToken,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";
import { deployed, gateway } from "./support/deployed.ts";
import { PLACES, send } from "./support/http.ts";

const { masterToken, hmacKey } = deployed;
const now = Math.floor(Date.now() / 1000);
const session = sessionToken(masterToken, hmacKey, now + 3600);
const places = Object.entries(PLACES);

/** Credentials that are refused wherever they stand. */
const REFUSED = {
  "a forged session token": forgedToken(now + 3600),
  "an expired session token": sessionToken(masterToken, hmacKey, now - 1),
  "a pairing token": pairingToken(masterToken, hmacKey, now + 60, now + 3600),
  "a token of PocketPaw's own": pocketPawToken(masterToken, now + 3600),
  "a wrong master token": "8c7e6f0a-3b1d-4e2f-9a5c-d4b3c2a1f0e9",
};

describe.each(["/api/auth/session", "/api/v1/auth/session"])("POST %s", (path) => {
  const exchange = (headers: Record<string, string>) => send(gateway, `POST ${path}`, { headers });

  test("exchanges the master token for a session token, and sets the cookie", async () => {
    const reply = await exchange({ authorization: `Bearer ${masterToken}` });
    expect(reply.status).toBe(200);
    const body = reply.json() as Record<string, string>;
    expect(body).toEqual({
      session_token: expect.stringMatching(/^session:[0-9]{10}:[0-9a-f]{64}$/),
      expires_in_hours: deployed.parameters.sessionTtlHours,
    });
    expect(reply.headers["cache-control"]).toBe("no-store");
    expect(reply.headers["set-cookie"]?.[0]).toContain(`=${body.session_token};`);
  });

  test("refuses a session token with a challenge", async () => {
    const reply = await exchange({ authorization: `Bearer ${session}` });
    expect([reply.status, reply.json()]).toEqual([401, { detail: "Invalid master token" }]);
    expect(reply.headers["www-authenticate"]).toContain('error="invalid_token"');
  });
});

describe("the authorizer", () => {
  const target = "GET /api/auth/session";

  test.each(places)("allows a session token and the master token in the %s", async (_, place) => {
    const reply = await send(gateway, ...place(target, session));
    expect(reply.json()).toMatchObject({ method: "session", expires_at: now + 3600 });
    const master = await send(gateway, ...place(target, masterToken));
    expect(master.json()).toMatchObject({ method: "master", expires_at: null });
  });

  test.each(places)("refuses by the %s all others, and a request without any", async (_, place) => {
    for (const token of Object.values(REFUSED)) {
      expect((await send(gateway, ...place(target, token))).status).toBe(403);
    }
    expect((await send(gateway, target)).status).toBe(403);
  });

  test("gives another stack's routes the method, the end and the id of the session, and no token", async () => {
    const reply = await send(gateway, ...PLACES.header("GET /reports", session));
    const caller = { method: "session", expiresAt: String(now + 3600) };
    expect(reply.json()).toMatchObject({ caller: { ...caller, sessionId: sessionIdFor(session) } });
    expect(reply.text).not.toContain(session);
    expect(reply.text).not.toContain("pocketpaw_session");
  });
});

describe("GET /api/auth/verify", () => {
  const verify = (token: string) =>
    send(gateway, "GET /api/auth/verify", {
      headers: {
        authorization: `Bearer ${token}`,
        "x-original-method": "GET",
        "x-original-uri": "/api/v1/events/stream",
        "x-original-host": "paw.example.com",
      },
    });

  test("gives a proxy the cookie for PocketPaw, which ends with the session", async () => {
    const { status, headers } = await verify(session);
    expect(status).toBe(204);
    expect(headers["x-pocketpaw-cookie"]).toBe(
      `pocketpaw_session=${pocketPawToken(masterToken, now + 3600)}`,
    );
  });

  test.each(Object.entries(REFUSED))("refuses %s with a challenge", async (_, token) => {
    const { status, headers } = await verify(token);
    expect([status, headers["x-pocketpaw-cookie"]]).toEqual([401, undefined]);
    expect(headers["www-authenticate"]).toContain('error="invalid_token"');
  });
});

test.each([...["GET /gateway", "GET /healthz", "GET /api/v1/healthz"]])(
  "%s responds without a token",
  async (target) => {
    expect((await send(gateway, target)).status).toBe(200);
  },
);
