import { describe, expect, test } from "vitest";
import { createQr } from "../../lib/functions/qr.ts";
import { JSON_HEADERS, openBrowserFunctions, UNAVAILABLE } from "../support/browser.ts";
import { qrRequest, REQUEST_ID, SOURCE_IP } from "../support/events.ts";
import { named } from "../support/secret-store.ts";
import { HMAC_KEY, MASTER_TOKEN, pairingToken } from "../support/tokens.ts";

const LINE = { event: "qr_code", requestId: REQUEST_ID, sourceIp: SOURCE_IP };
const SESSION_ID = "0123456789abcdef";
const NEW_MASTER_TOKEN = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
const textOf = ({ body }: { body: string }) => Buffer.from(body, "base64").toString();

describe("the QR code", () => {
  test("of a session leads to the gateway with a pairing token of 60 s that ends with the session", async () => {
    const { qr, clock, entries } = openBrowserFunctions();
    const now = clock.seconds();
    const expiresAt = String(now + 3600);
    const response = await qr(qrRequest({ method: "session", expiresAt, sessionId: SESSION_ID }));
    const token = pairingToken(MASTER_TOKEN, HMAC_KEY, now + 60, now + 3600);
    expect(response).toEqual({
      statusCode: 200,
      headers: {
        "content-type": "image/png",
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
      },
      body: Buffer.from(`https://paw.example.com/?token=${token}`).toString("base64"),
      isBase64Encoded: true,
    });
    const caller = { method: "session", sessionId: SESSION_ID };
    expect(entries).toEqual([{ level: "INFO", ...LINE, ...caller, outcome: "done" }]);
  });

  test.each([1, 24, 720])("of the master token is for a session of %d hours", async (ttlHours) => {
    const { qr, clock } = openBrowserFunctions({ ttlHours });
    const now = clock.seconds();
    const until = now + ttlHours * 3600;
    expect(textOf(await qr(qrRequest({ method: "master" })))).toBe(
      `https://paw.example.com/?token=${pairingToken(MASTER_TOKEN, HMAC_KEY, now + 60, until)}`,
    );
  });

  test("is under the caller's master token, also where the authorizer knew of that one first", async () => {
    const { qr, store, clock, exchange } = openBrowserFunctions();
    const found = { method: "session", expiresAt: String(clock.seconds() + 3600) };
    await qr(qrRequest(found));
    // More often than bad tokens may cause reads: the read of a caller who gets a code is given back.
    for (const masterTokenVersion of ["master-2", "master-3", "master-4", "master-5"]) {
      store.values.master = `token-of-${masterTokenVersion}`;
      store.versionIds.master = masterTokenVersion;
      const text = textOf(await qr(qrRequest({ ...found, masterTokenVersion })));
      const token = new URL(text).searchParams.get("token") ?? "";
      expect(await exchange(token)).toMatchObject({ statusCode: 200 });
    }
  });

  test("of a PocketPaw token ends with it", async () => {
    const { qr, clock } = openBrowserFunctions({ native: true });
    const expiresAt = String(clock.seconds() + 10);
    expect(textOf(await qr(qrRequest({ method: "native", expiresAt })))).toContain(
      `token=pair:${expiresAt}:${expiresAt}:`,
    );
  });

  test.each([
    [null, { Host: "localhost:8000" }, "http://localhost:8000/?token="],
    [null, { Host: "api.example.com" }, "https://api.example.com/?token="],
    ["https://paw.example.com", { Host: "api.example.com" }, "https://paw.example.com/?token="],
    ["https://paw.example.com/a", { Host: "evil.example" }, "https://paw.example.com/a/?token="],
    ["https://paw.example.com", {}, "https://paw.example.com/?token="],
  ])("with PUBLIC_URL %s, sent to %j, leads to %s", async (publicUrl, headers, start) => {
    const { qr } = openBrowserFunctions({ publicUrl });
    const text = textOf(
      await qr(qrRequest({ method: "master" }, headers as Record<string, string>)),
    );
    expect(text.startsWith(`${start}pair:`)).toBe(true);
  });
});

describe("no QR code", () => {
  test("for a pairing token: 403, so that no chain of them grows", async () => {
    const { qr, entries, store, clock } = openBrowserFunctions();
    const found = { method: "pairing", expiresAt: String(clock.seconds() + 60) };
    const response = await qr(qrRequest(found));
    expect(response).toMatchObject({
      statusCode: 403,
      headers: JSON_HEADERS,
      body: '{"detail":"A pairing token may not make another one"}',
    });
    expect(JSON.parse(response.body)).toEqual({ detail: expect.any(String) });
    const line = {
      level: "WARN",
      ...LINE,
      method: "pairing",
      outcome: "refused",
      reason: "pairing",
    };
    expect(entries).toEqual([line]);
    expect(store.reads.key).toBe(0);
  });

  test("for a session of an earlier master token: 409, and no token under the new one", async () => {
    const { qr, store, clock, entries, pairWith } = openBrowserFunctions();
    const expiresAt = String(clock.seconds() + 3600);
    // The authorizer found this before it knew of the regeneration; this container may know of it already.
    const earlier = { method: "session", expiresAt, masterTokenVersion: "master-1" };
    const token = await pairWith(MASTER_TOKEN);
    expect(token).toMatch(/^pair:/);
    store.values.master = NEW_MASTER_TOKEN;
    store.versionIds.master = "master-2";
    clock.advance(60);
    entries.length = 0;
    expect(await qr(qrRequest(earlier))).toEqual({
      statusCode: 409,
      headers: JSON_HEADERS,
      body: '{"detail":"The master token was replaced; log in again"}',
    });
    const line = { level: "WARN", ...LINE, method: "session", outcome: "refused" };
    expect(entries).toEqual([{ ...line, reason: "overtaken" }]);
  });

  test("for an authorizer that names no version: 409", async () => {
    const { qr } = openBrowserFunctions();
    const found = { method: "session", masterTokenVersion: "" };
    expect(await qr(qrRequest(found))).toMatchObject({ statusCode: 409 });
  });

  test.each<[string, unknown]>([
    ["no event", undefined],
    ["no authorizer", { requestContext: {} }],
    ["an authorizer of another kind", { requestContext: { authorizer: { jwt: {} } } }],
    ["no method", qrRequest({ sessionId: SESSION_ID })],
    ["an unknown method", qrRequest({ method: "root" })],
  ])("without our authorizer's context: 401; %s", async (_name, event) => {
    const { qr, store } = openBrowserFunctions();
    expect(await qr(event as Parameters<typeof qr>[0])).toEqual({
      statusCode: 401,
      headers: { ...JSON_HEADERS, "www-authenticate": 'Bearer realm="pocketpaw"' },
      body: '{"detail":"Unauthorized"}',
    });
    expect(store.reads.key).toBe(0);
  });

  test("where the request's host is not known: 400", async () => {
    const { qr, entries } = openBrowserFunctions();
    expect(await qr(qrRequest({ method: "master" }, {}))).toMatchObject({
      statusCode: 400,
      body: '{"detail":"The request must have one Host header"}',
    });
    expect(entries).toMatchObject([
      { level: "WARN", outcome: "refused", reason: "malformed_event" },
    ]);
  });

  test.each([
    ["cannot be read", named("InternalServiceError", "down"), "secrets_unavailable"],
    ["are unusable", "too short", "secrets_unusable"],
  ])("while secrets %s: 503", async (_name, value, reason) => {
    const { qr, store, entries } = openBrowserFunctions();
    store.values.key = value;
    expect(await qr(qrRequest({ method: "master" }))).toEqual(UNAVAILABLE);
    expect(entries).toEqual([
      { level: "ERROR", ...LINE, method: "master", outcome: "failed", reason },
    ]);
  });

  test.each<[string, (now: number) => Record<string, string>]>([
    ["without an end", () => ({ method: "session" })],
    ["that has just ended", (now) => ({ method: "session", expiresAt: String(now) })],
  ])("for a session %s holds a token that cannot be exchanged", async (_name, contextAt) => {
    const { qr, clock, exchange } = openBrowserFunctions();
    const { searchParams } = new URL(textOf(await qr(qrRequest(contextAt(clock.seconds())))));
    const token = searchParams.get("token") ?? "";
    expect(token).toMatch(/^pair:/);
    expect(await exchange(token)).toMatchObject({ statusCode: 401 });
  });

  test("where the encoder fails: 503, and nothing is thrown", async () => {
    const { keyring, clock } = openBrowserFunctions();
    const encode = () => {
      throw new Error("too long");
    };
    const common = { keyring, now: clock.now, log: () => undefined };
    const qr = createQr({ ...common, sessionTtlHours: 24, publicUrl: null, encode });
    expect(await qr(qrRequest({ method: "master" }))).toMatchObject({ statusCode: 503 });
  });
});
