import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HttpResponse } from "../../lib/http/response.ts";
import {
  ALLOW_STATEMENT,
  apiRequest,
  loginRequest,
  qrRequest,
  statusRequest,
  verifyRequest,
} from "../support/events.ts";
import { JSON_HEADERS, openFunctions, UNAVAILABLE } from "../support/functions.ts";
import { anything, junkEvents } from "../support/junk-events.ts";
import { named } from "../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  pairingToken,
  pocketPawToken,
  sessionToken,
} from "../support/tokens.ts";

const RUNS = { numRuns: 500 };
const FAR = 4_102_444_800;
const BAD = [
  ...["", "x", "session:", forgedToken(FAR), sessionToken(MASTER_TOKEN, HMAC_KEY, 1)],
  ...[pairingToken(MASTER_TOKEN, HMAC_KEY, FAR, FAR), pocketPawToken(MASTER_TOKEN, FAR)],
];
const SESSION = sessionToken(MASTER_TOKEN, HMAC_KEY, FAR);
const GOOD = [MASTER_TOKEN, SESSION];

/** What stands where a credential stands. */
const carried = (tokens: string[]) =>
  fc
    .tuple(
      fc.constantFrom("", "Bearer ", "bearer  ", "Basic ", "token=", "__Host-pocketpaw_session="),
      fc.oneof(fc.constantFrom(...tokens), fc.string({ unit: "binary" })),
    )
    .map(([start, token]) => start + token);

const headers = fc.dictionary(
  fc.constantFrom("Host", "host", "Origin", "Sec-Fetch-Site", "Cookie", "X-Original-Host"),
  fc.oneof(
    fc.constantFrom("localhost:8000", "paw.example.com", "https://paw.example.com", "same-origin"),
    fc.string({ unit: "binary" }),
  ),
);
const bodies = fc.oneof(
  carried([...BAD, ...GOOD]),
  fc.json(),
  fc
    .oneof(fc.constantFrom(...BAD, ...GOOD), fc.jsonValue())
    .map((token) => JSON.stringify({ token })),
  fc.constant(" ".repeat(9_000)),
);
const contexts = fc.dictionary(
  fc.constantFrom("method", "expiresAt", "sessionId", "masterTokenVersion"),
  fc.oneof(
    fc.string(),
    fc.constantFrom("session", "master", "pairing", "root", "master-1", "1767268800", "1e9", "-1"),
    fc.constantFrom("0", "NaN", "999999999999999", "9".repeat(16)),
  ),
);
/** Requests with a part replaced by anything at all, and events of any kind. */
const spoilt = (events: fc.Arbitrary<object>, tokens = [...BAD, ...GOOD]) =>
  fc.oneof(
    junkEvents(carried(tokens)),
    fc
      .tuple(
        events,
        fc.constantFrom("body", "isBase64Encoded", "headers", "requestContext", "cookies", "none"),
        anything,
      )
      .map(([event, part, value]) => (part === "none" ? event : { ...event, [part]: value })),
  );

const EVENTS: Record<string, fc.Arbitrary<object>> = {
  session: headers.map((found) => apiRequest("POST /api/auth/session", { headers: found })),
  login: fc.tuple(bodies, headers).map(([body, found]) => loginRequest(body, { headers: found })),
  logout: headers.map((found) => apiRequest("POST /api/auth/logout", { headers: found })),
  qr: fc.tuple(contexts, headers).map(([found, names]) => qrRequest(found, names)),
  status: contexts.map((found) => statusRequest(found)),
  verify: headers.map((found) => verifyRequest({ headers: found })),
};

const COOKIE =
  /^(__Host-pocketpaw_session=(session:[0-9]+:[0-9a-f]{64})?; Path=\/; HttpOnly; Secure|pocketpaw_gateway_session=(session:[0-9]+:[0-9a-f]{64})?; Path=\/; HttpOnly); SameSite=Strict; Max-Age=[0-9]+$/;
const CHALLENGED = {
  ...JSON_HEADERS,
  "www-authenticate": expect.stringMatching(/^Bearer realm="pocketpaw"(, error="invalid_token")?$/),
};
const DETAIL = { detail: expect.any(String) };
const TOKEN = expect.stringMatching(/^session:[1-9][0-9]{9}:[0-9a-f]{64}$/);
const OK: Record<string, [headers: object, body: object, setsCookie: boolean]> = {
  session: [JSON_HEADERS, { session_token: TOKEN, expires_in_hours: 24 }, true],
  login: [JSON_HEADERS, { ok: true }, true],
  logout: [{ ...JSON_HEADERS, "clear-site-data": '"storage"' }, { ok: true }, true],
  status: [
    JSON_HEADERS,
    {
      authenticated: true,
      method: expect.stringMatching(/^(session|master)$/),
      expires_at: expect.toSatisfy((value) => value === null || Number.isSafeInteger(value)),
      expires_in_seconds: expect.toSatisfy((value) => value === null || value >= 0),
    },
    false,
  ],
};
const STATUSES: Record<string, number[]> = {
  session: [200, 401, 503],
  login: [200, 400, 401, 403, 413, 503],
  logout: [200, 403],
  qr: [200, 400, 401, 409, 503],
  status: [200, 401],
  verify: [204, 401, 403, 503],
};

/** No status but these, nothing of the inside, and a cookie only with success. */
function expectContract(name: string, response: HttpResponse): void {
  const { statusCode, cookies = [], body } = response;
  expect(statusCode).toBeOneOf(STATUSES[name] ?? []);
  expect(response.headers).toMatchObject({ "cache-control": "no-store" });
  for (const cookie of cookies) expect(cookie).toMatch(COOKIE);
  if (name === "verify" && statusCode === 204) {
    expect(body).toBe("");
    return;
  }
  if (name === "qr" && statusCode === 200) {
    const text = Buffer.from(body, "base64").toString();
    expect(text).toMatch(/^https?:\/\/[^/]*\/gateway#pair:[0-9]+:[0-9]+:[0-9a-f]{64}$/s);
    return;
  }
  if (statusCode === 503) {
    expect(response).toEqual(UNAVAILABLE);
    return;
  }
  const [ok, fields, setsCookie] = (statusCode === 200 && OK[name]) || [undefined, DETAIL, false];
  expect(response.headers).toEqual(ok ?? (statusCode === 401 ? CHALLENGED : JSON_HEADERS));
  expect(JSON.parse(body)).toEqual(fields);
  if (!setsCookie) expect(cookies).toEqual([]);
}

/** The types forbid what these tests send. */
type AnyHandler = (event: never, context?: never) => Promise<unknown>;
const call = (handler: AnyHandler, event: unknown, context: unknown) =>
  handler(event as never, context as never);

describe.each([false, true])(
  "whatever is sent, with secrets that cannot be read: %j",
  (failing) => {
    const open = () => {
      const functions = openFunctions({ hasPocketPaw: true });
      if (failing) functions.store.values.key = named("InternalServiceError", "down");
      return functions;
    };

    test.each(["session", "login", "logout", "qr", "status", "verify"] as const)(
      "%s responds as the contract says, and never throws",
      async (name) => {
        const handler = open()[name];
        const events = spoilt(EVENTS[name] ?? fc.constant({}));
        await fc.assert(
          fc.asyncProperty(events, anything, async (event, context) =>
            expectContract(name, (await call(handler, event, context)) as HttpResponse),
          ),
          RUNS,
        );
      },
    );

    test("the authorizer allows with a full result, or refuses, or throws what its contract says", async () => {
      const { authorizer } = open();
      const context = expect.objectContaining({
        method: expect.stringMatching(/^(session|master)$/),
        sessionId: expect.stringMatching(/^[0-9a-f]{16}$/),
        masterTokenVersion: "master-1",
      });
      const results: unknown[] = [{ isAuthorized: false }];
      if (!failing) {
        results.push({ isAuthorized: true, context });
        results.push({
          principalId: expect.any(String),
          policyDocument: { Version: "2012-10-17", Statement: [ALLOW_STATEMENT] },
          context,
        });
      }
      const messages = failing ? ["Unauthorized", "secrets_unavailable"] : ["Unauthorized"];
      await fc.assert(
        fc.asyncProperty(spoilt(fc.constant({})), anything, async (event, lambda) => {
          const result = await call(authorizer, event, lambda).catch((error: Error) => error);
          if (result instanceof Error) expect(result.message).toBeOneOf(messages);
          else expect(results).toContainEqual(result);
        }),
        RUNS,
      );
    });
  },
);

test("login starts no session without a good token in its body", async () => {
  const { login } = openFunctions();
  await fc.assert(
    fc.asyncProperty(spoilt(EVENTS.login ?? fc.constant({})), async (event) => {
      const { statusCode } = (await call(login, event, undefined)) as HttpResponse;
      if (statusCode !== 200) return;
      const { body, isBase64Encoded } = event as { body: string; isBase64Encoded: unknown };
      const text = isBase64Encoded === true ? Buffer.from(body, "base64").toString() : body;
      expect([MASTER_TOKEN, SESSION, BAD[5]]).toContain(JSON.parse(text).token.trim());
    }),
    RUNS,
  );
});

test("no event without a good credential is allowed, or exchanged", async () => {
  const { authorizer, verify, session, entries } = openFunctions();
  const events = junkEvents(carried(BAD));
  await fc.assert(
    fc.asyncProperty(events, anything, async (event, context) => {
      entries.length = 0;
      await call(authorizer, event, context).catch(() => undefined);
      await call(verify, event, context);
      await call(session, event, context);
      expect(entries.map(({ outcome }) => outcome)).toEqual(["refused", "refused", "refused"]);
    }),
    RUNS,
  );
});
