import { describe, expect, test } from "vitest";
import { createQr } from "../../lib/functions/qr.ts";
import { HOST, INFO, loginRequest, qrRequest } from "../support/events.ts";
import { INTERNAL_ERROR, json, openFunctions } from "../support/functions.ts";
import { goodPairing, MASTER_TOKEN } from "../support/tokens.ts";

const LINE = { event: "qr_code", ...INFO };
const NOW = openFunctions().clock.seconds();
const SESSION = { method: "session", expiresAt: String(NOW + 3_600) };
const textOf = ({ body }: { body: string }) => Buffer.from(body, "base64").toString();

describe("the QR code", () => {
  test("leads to the gateway's page, with a pairing token of 60 s in the fragment", async () => {
    const { qr, entries } = openFunctions();
    const caller = { method: "session", sessionId: "0123456789abcdef" };
    const response = await qr(qrRequest({ ...SESSION, ...caller }));
    const url = `https://${HOST}/gateway#${goodPairing(NOW + 60, NOW + 3_600)}`;
    expect(response).toEqual({
      statusCode: 200,
      headers: {
        "content-type": "image/png",
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
      },
      body: Buffer.from(url).toString("base64"),
      isBase64Encoded: true,
    });
    expect(entries).toEqual([{ level: "INFO", ...LINE, ...caller, outcome: "done" }]);
  });

  test.each([
    [1, { method: "master" }, 60, 3_600],
    [720, { method: "master" }, 60, 720 * 3_600],
    [24, { method: "session", expiresAt: String(NOW + 10) }, 10, 10],
  ])("by a TTL of %i h, of %j: for %i s, its session %i s", async (ttlHours, found, exp, end) => {
    const { qr } = openFunctions({ ttlHours });
    const token = goodPairing(NOW + exp, NOW + end);
    expect(textOf(await qr(qrRequest(found)))).toBe(`https://${HOST}/gateway#${token}`);
  });

  test("is under the caller's master token, also where the authorizer knew of that one first", async () => {
    const { qr, store, login } = openFunctions();
    await qr(qrRequest(SESSION));
    // More often than bad tokens may cause reads: the read of a caller who gets a code is given back.
    for (const masterTokenVersion of ["master-2", "master-3", "master-4", "master-5"]) {
      store.values.master = `token-of-${masterTokenVersion}`;
      store.versionIds.master = masterTokenVersion;
      const text = textOf(await qr(qrRequest({ ...SESSION, masterTokenVersion })));
      const token = new URL(text).hash.slice(1);
      expect(await login(loginRequest({ token }))).toMatchObject({ statusCode: 200 });
    }
  });

  test.each([
    [null, "localhost:8000", "http://localhost:8000/gateway#"],
    [null, "api.example.com:443", "https://api.example.com/gateway#"],
    ["https://paw.example.com", "api.example.com", "https://paw.example.com/gateway#"],
    ["https://paw.example.com/a", "evil.example", "https://paw.example.com/a/gateway#"],
    ["https://paw.example.com", "", "https://paw.example.com/gateway#"],
  ])("with PUBLIC_URL %s, sent to %j, leads to %s", async (publicUrl, Host, start) => {
    const { qr } = openFunctions({ publicUrl });
    const text = textOf(await qr(qrRequest({ method: "master" }, { Host })));
    expect(text.startsWith(`${start}pair:`)).toBe(true);
  });
});

describe("no QR code", () => {
  test("for a session of an earlier master token: 409, and no token under the new one", async () => {
    const { qr, store, clock, entries, pairWith } = openFunctions();
    // The authorizer found this before it knew of the regeneration; this container may know of it already.
    const earlier = { ...SESSION, masterTokenVersion: "master-1" };
    expect(await pairWith(MASTER_TOKEN)).toMatch(/^pair:/);
    store.values.master = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
    store.versionIds.master = "master-2";
    clock.advance(60);
    entries.length = 0;
    const detail = "The master token was replaced; log in again";
    expect(await qr(qrRequest(earlier))).toEqual(json(409, { detail }));
    const line = { level: "WARN", ...LINE, method: "session", outcome: "refused" };
    expect(entries).toEqual([{ ...line, reason: "overtaken" }]);
  });

  test.each(["", ["master-1"], undefined])(
    "for the version %j: 409, and no odd id is logged",
    async (masterTokenVersion) => {
      const { qr, entries } = openFunctions();
      const found = { method: "session", masterTokenVersion, sessionId: 7 };
      const event = qrRequest(found as unknown as Record<string, string>);
      expect(await qr(event)).toMatchObject({ statusCode: 409 });
      const refused = { outcome: "refused", reason: "overtaken", method: "session" };
      expect(entries).toEqual([{ level: "WARN", ...LINE, ...refused }]);
    },
  );

  test("where the request's host is not known: 400", async () => {
    const { qr, entries } = openFunctions();
    const response = await qr(qrRequest({ method: "master" }, { Host: "" }));
    expect(response).toEqual(json(400, { detail: "The request must have one Host header" }));
    const refused = { level: "WARN", outcome: "refused", reason: "malformed_event" };
    expect(entries).toMatchObject([refused]);
  });

  test.each<Record<string, string>>([
    { method: "session" },
    { method: "session", expiresAt: String(NOW) },
  ])("of use for a session without an end, or that has just ended: %j", async (found) => {
    const { qr, login } = openFunctions();
    const token = new URL(textOf(await qr(qrRequest(found)))).hash.slice(1);
    expect(token).toMatch(/^pair:/);
    expect(await login(loginRequest({ token }))).toMatchObject({ statusCode: 401 });
  });

  test("where the encoder fails: 500", async () => {
    const { keyring, clock } = openFunctions();
    const encode = () => {
      throw new RangeError("too long");
    };
    const common = { keyring, now: clock.now, log: () => undefined };
    const qr = createQr({ ...common, sessionTtlHours: 24, publicUrl: null, encode });
    expect(await qr(qrRequest({ method: "master" }))).toEqual(INTERNAL_ERROR);
  });
});
