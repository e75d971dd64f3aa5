import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HttpResponse } from "../../lib/http/response.ts";
import { JSON_HEADERS, openBrowserFunctions } from "../support/browser.ts";
import { apiRequest, loginRequest, qrRequest } from "../support/events.ts";
import { anything, junkEvents } from "../support/junk-events.ts";
import { named } from "../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  pairingToken,
  sessionToken,
} from "../support/tokens.ts";

const RUNS = { numRuns: 1_000 };
const FAR = 4_102_444_800;
const TOKENS = [
  "",
  "x",
  MASTER_TOKEN,
  sessionToken(MASTER_TOKEN, HMAC_KEY, FAR),
  pairingToken(MASTER_TOKEN, HMAC_KEY, FAR, FAR),
  nativeToken(MASTER_TOKEN, FAR),
  forgedToken(FAR),
];
const texts = fc.oneof(fc.constantFrom(...TOKENS), fc.string({ unit: "binary" }));

const headerNames = fc.constantFrom("Host", "host", "Origin", "origin", "Sec-Fetch-Site", "Cookie");
const headerValues = fc.oneof(
  fc.constantFrom("localhost:8000", "paw.example.com", "https://paw.example.com", "same-origin"),
  fc.string({ unit: "binary" }),
);
const headers = fc.dictionary(headerNames, headerValues);
const bodies = fc.oneof(
  texts,
  fc.json(),
  fc.record({ token: fc.oneof(texts, anything) }).map((body) => {
    try {
      return JSON.stringify(body);
    } catch {
      return "{}";
    }
  }),
  fc.constant(" ".repeat(9_000)),
);
/** Requests with a part replaced by anything at all. */
const spoilt = <E extends object>(events: fc.Arbitrary<E>) =>
  fc
    .tuple(
      events,
      fc.constantFrom("body", "isBase64Encoded", "headers", "requestContext", "cookies", "none"),
      anything,
    )
    .map(([event, part, value]) => (part === "none" ? event : { ...event, [part]: value }));

const contexts = fc.dictionary(
  fc.constantFrom("method", "expiresAt", "sessionId", "masterTokenVersion", "upstreamCookie"),
  fc.oneof(
    texts,
    fc.constantFrom(
      "session",
      "pairing",
      "master",
      "native",
      "master-1",
      "1767268800",
      "1e9",
      "-1",
      "0",
      "NaN",
    ),
    fc.constantFrom("999999999999999", "9".repeat(15), "9".repeat(16)),
  ),
);

const COOKIE =
  /^pocketpaw_session=(session:)?[0-9]+:[0-9a-f]{64}; Path=\/; HttpOnly;( Secure;)? SameSite=Lax; Max-Age=86400$/;
const DELETED = /^pocketpaw_session=; Path=\/; HttpOnly;( Secure;)? SameSite=Lax; Max-Age=0$/;
const CHALLENGED = { ...JSON_HEADERS, "www-authenticate": 'Bearer realm="pocketpaw"' };
const WAIT = { ...JSON_HEADERS, "retry-after": "5" };
const DETAIL = { detail: expect.any(String) };
const PNG = {
  "content-type": "image/png",
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
};

type Contract = Record<number, { headers: object; body: object; cookie?: RegExp }>;

function expectContract(response: HttpResponse, contract: Contract): void {
  const { statusCode, cookies, body } = response;
  const expected = contract[statusCode];
  expect(expected, `status ${statusCode}`).toBeDefined();
  expect(response.headers).toEqual(expected?.headers);
  expect(JSON.parse(body)).toEqual(expected?.body);
  if (expected?.cookie) expect(cookies).toEqual([expect.stringMatching(expected.cookie)]);
  else expect(cookies).toBeUndefined();
}

const REFUSED: Contract = { 403: { headers: JSON_HEADERS, body: DETAIL } };
const LOGIN: Contract = {
  ...REFUSED,
  200: { headers: JSON_HEADERS, body: { ok: true }, cookie: COOKIE },
  400: { headers: JSON_HEADERS, body: { detail: "Invalid JSON body" } },
  401: { headers: CHALLENGED, body: { detail: "Invalid access token" } },
  413: { headers: JSON_HEADERS, body: DETAIL },
  503: { headers: WAIT, body: DETAIL },
};
const LOGOUT: Contract = {
  ...REFUSED,
  200: { headers: JSON_HEADERS, body: { ok: true }, cookie: DELETED },
};
const QR: Contract = {
  ...REFUSED,
  400: { headers: JSON_HEADERS, body: DETAIL },
  401: { headers: CHALLENGED, body: DETAIL },
  409: { headers: JSON_HEADERS, body: DETAIL },
  503: { headers: WAIT, body: DETAIL },
};

/** The types forbid what these tests send. */
type Handler = (event: never, context?: never) => Promise<HttpResponse>;
const call = (handler: Handler, event: unknown, context: unknown) =>
  handler(event as never, context as never);

describe.each([false, true])(
  "whatever is sent, with secrets that cannot be read: %s",
  (failing) => {
    const open = () => {
      const functions = openBrowserFunctions({ native: failing });
      if (failing) functions.store.values.key = named("InternalServiceError", "down");
      return functions;
    };

    test("login responds as the contract says, never throws, and starts no session without the master token", async () => {
      const { login } = open();
      const requests = spoilt(
        fc.tuple(bodies, headers).map(([body, names]) => loginRequest(body, { headers: names })),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(requests, junkEvents(texts)),
          anything,
          async (event, context) => {
            const response = await call(login, event, context);
            expectContract(response, LOGIN);
            if (response.statusCode !== 200) return;
            const { body, isBase64Encoded } = event as { body: string; isBase64Encoded: unknown };
            const text = isBase64Encoded === true ? Buffer.from(body, "base64").toString() : body;
            expect(JSON.parse(text).token.trim()).toBe(MASTER_TOKEN);
          },
        ),
        RUNS,
      );
    });

    test("logout responds as the contract says, and never throws", async () => {
      const { logout } = open();
      const requests = spoilt(
        headers.map((names) => apiRequest("POST /api/auth/logout", { headers: names })),
      );
      await fc.assert(
        fc.asyncProperty(fc.oneof(requests, junkEvents(texts)), anything, async (event, context) =>
          expectContract(await call(logout, event, context), LOGOUT),
        ),
        RUNS,
      );
    });

    test("qr responds as the contract says, and never throws", async () => {
      const { qr } = open();
      const requests = spoilt(
        fc.tuple(contexts, headers).map(([found, names]) => qrRequest(found, names)),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(requests, junkEvents(texts)),
          anything,
          async (event, context) => {
            const response = await call(qr, event, context);
            if (response.statusCode !== 200) return expectContract(response, QR);
            expect(response).toEqual({
              statusCode: 200,
              headers: PNG,
              body: expect.any(String),
              isBase64Encoded: true,
            });
            const text = Buffer.from(response.body, "base64").toString();
            expect(text).toMatch(/^https?:\/\/[^/]*\/\?token=pair:[0-9]+:[0-9]+:[0-9a-f]{64}$/s);
          },
        ),
        RUNS,
      );
    });
  },
);
