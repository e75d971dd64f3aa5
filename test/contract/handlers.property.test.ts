import type { Context } from "aws-lambda";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createAuthorizer } from "../../lib/functions/authorizer.ts";
import { createSession } from "../../lib/functions/session.ts";
import { createSessionStatus } from "../../lib/functions/session-status.ts";
import { documented } from "../support/documented.ts";
import { statusRequest, WHOLE_API_AND_STAGE } from "../support/events.ts";
import { anything, junkEvents } from "../support/junk-events.ts";
import { createTestKeyring } from "../support/keyring.ts";
import { createTestLog } from "../support/logs.ts";
import { named } from "../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionToken,
} from "../support/tokens.ts";

const RUNS = { numRuns: 1_000 };

/** Warm handlers, whose secrets can be read or not. */
async function setUp({ failing = false } = {}) {
  const { keyring, clock, store } = createTestKeyring();
  if (failing) store.values.key = named("InternalServiceError", "down");
  const { log, entries } = createTestLog();
  const dependencies = { keyring, now: clock.now, log };
  return {
    entries,
    session: documented(
      "POST /auth/session",
      createSession({ ...dependencies, sessionTtlHours: 24, setsCookie: false }),
    ),
    authorizer: createAuthorizer({
      ...dependencies,
      accepts: ["session", "pairing", "master", "native"],
      allowedOrigins: [],
    }),
  };
}

const exp = createTestKeyring().clock.seconds() + 3_600;
const BAD_TOKENS = ["", "x", "session:", forgedToken(exp), sessionToken(MASTER_TOKEN, HMAC_KEY, 1)];
const GOOD_TOKENS = [
  MASTER_TOKEN,
  sessionToken(MASTER_TOKEN, HMAC_KEY, exp),
  nativeToken(MASTER_TOKEN, exp),
];
const carried = (tokens: string[]) =>
  fc
    .tuple(
      fc.constantFrom("", "Bearer ", "bearer  ", "Basic ", "token=", "pocketpaw_session="),
      fc.oneof(fc.constantFrom(...tokens), fc.string({ unit: "binary" })),
    )
    .map(([start, token]) => start + token);

const isPayload2 = (event: unknown): boolean =>
  (event as { version?: unknown } | null | undefined)?.version === "2.0";

/** What a handler did: its response, or the message of what it threw. */
async function outcomeOf(
  response: Promise<unknown>,
): Promise<{ response?: unknown; thrown?: string }> {
  return response.then(
    (value) => ({ response: value }),
    (error) => {
      expect(error).toBeInstanceOf(Error);
      return { thrown: (error as Error).message };
    },
  );
}

/** The types forbid what these tests send. */
function anyEvent<E, R>(handler: (event: E, context?: Context) => R) {
  return (event: unknown, context: unknown): R => handler(event as E, context as Context);
}

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };
const TOKEN = expect.stringMatching(/^session:[1-9][0-9]{9}:[0-9a-f]{64}$/);

function expectSessionResponse(response: unknown): void {
  const { statusCode, headers, body } = response as Record<string, unknown>;
  const challenge = expect.stringMatching(/^Bearer realm="pocketpaw"(, error="invalid_token")?$/);
  const contract: Record<string, [headers: object, body: object]> = {
    200: [HEADERS, { session_token: TOKEN, expires_in_hours: 24 }],
    401: [{ ...HEADERS, "www-authenticate": challenge }, { detail: "Invalid master token" }],
    503: [
      { ...HEADERS, "retry-after": expect.stringMatching(/^[0-9]+$/) },
      { detail: expect.any(String) },
    ],
  };
  expect([headers, JSON.parse(String(body))]).toEqual(contract[String(statusCode)]);
}

function expectAllowed(response: unknown): void {
  const context = expect.objectContaining({
    method: expect.stringMatching(/^(session|master|native)$/),
    sessionId: expect.stringMatching(/^[0-9a-f]{16}$/),
    upstreamCookie: expect.stringMatching(/^pocketpaw_session=[0-9]+:[0-9a-f]{64}$/),
  });
  const policy = {
    principalId: expect.stringMatching(/^[0-9a-f]{16}$/),
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: WHOLE_API_AND_STAGE }],
    },
    context,
  };
  const isSimple = typeof response === "object" && response !== null && "isAuthorized" in response;
  expect(response).toEqual(isSimple ? { isAuthorized: true, context } : policy);
}

test("the session function responds to every event as the contract says, and never throws", async () => {
  for (const failing of [false, true]) {
    const { session, entries } = await setUp({ failing });
    const events = junkEvents(carried([...BAD_TOKENS, ...GOOD_TOKENS]));
    await fc.assert(
      fc.asyncProperty(events, anything, async (event, context) => {
        entries.length = 0;
        expectSessionResponse(await anyEvent(session)(event, context));
        expect(entries).toHaveLength(1);
      }),
      RUNS,
    );
  }
});

test("the authorizer refuses every event without a good credential as the contract says", async () => {
  const { authorizer, entries } = await setUp();
  await fc.assert(
    fc.asyncProperty(junkEvents(carried(BAD_TOKENS)), anything, async (event, context) => {
      entries.length = 0;
      const outcome = await outcomeOf(anyEvent(authorizer)(event, context));
      const refused = isPayload2(event)
        ? { response: { isAuthorized: false } }
        : { thrown: "Unauthorized" };
      expect(outcome).toEqual(refused);
      expect(entries).toMatchObject([{ outcome: "refused" }]);
    }),
    RUNS,
  );
});

test("whatever the event, the authorizer allows with a full result, or refuses, or throws", async () => {
  const { authorizer } = await setUp();
  const events = junkEvents(carried([...BAD_TOKENS, ...GOOD_TOKENS]));
  await fc.assert(
    fc.asyncProperty(events, anything, async (event, context) => {
      const { response, thrown } = await outcomeOf(anyEvent(authorizer)(event, context));
      if (thrown !== undefined) {
        // The second: a good token in an event that is none of API Gateway's.
        expect(thrown).toMatch(/^(Unauthorized|methodArn is not the ARN of an API's method)$/);
      } else if (JSON.stringify(response) !== '{"isAuthorized":false}') {
        expectAllowed(response);
      }
    }),
    RUNS,
  );
});

test("while the secrets cannot be read, the authorizer allows no event", async () => {
  const { authorizer } = await setUp({ failing: true });
  const events = junkEvents(carried([...BAD_TOKENS, ...GOOD_TOKENS]));
  await fc.assert(
    fc.asyncProperty(events, anything, async (event, context) => {
      const { response, thrown } = await outcomeOf(anyEvent(authorizer)(event, context));
      if (thrown === undefined) expect(response).toEqual({ isAuthorized: false });
      else expect(thrown).toMatch(/^(Unauthorized|secrets_unavailable)$/);
    }),
    RUNS,
  );
});

test("the status function responds to every event with 200 or 401, as the contract says", async () => {
  const { clock } = createTestKeyring();
  const status = anyEvent(createSessionStatus({ now: clock.now }));
  const methods = fc.oneof(anything, fc.constantFrom("session", "master", "native", "root"));
  const ends = fc.oneof(
    anything,
    fc.constantFrom("1767268800", "1e9", "-1", "1.5", "NaN", "", "x"),
  );
  const events = fc.oneof(
    junkEvents(fc.string()),
    anything.map((authorizer) => ({ requestContext: { authorizer } })),
    anything.map((lambda) => ({ requestContext: { authorizer: { lambda } } })),
    fc
      .record({ method: methods, expiresAt: ends }, { requiredKeys: [] })
      .map((found) => statusRequest(found as Record<string, string>)),
  );
  await fc.assert(
    fc.asyncProperty(events, anything, async (event, context) => {
      const { statusCode, headers, body } = await status(event, context);
      const parsed = JSON.parse(body);
      if (statusCode === 401) {
        expect(headers).toMatchObject({ "www-authenticate": 'Bearer realm="pocketpaw"' });
        expect(parsed).toEqual({ detail: expect.any(String) });
        return;
      }
      expect(statusCode).toBe(200);
      const { method, expires_at, expires_in_seconds, ...rest } = parsed;
      expect(rest).toEqual({ authenticated: true });
      expect(method).toBeOneOf(["session", "master", "native"]);
      if (expires_at === null) {
        expect(expires_in_seconds).toBeNull();
      } else {
        expect(Number.isSafeInteger(expires_at) && expires_at >= 0).toBe(true);
        expect(Number.isSafeInteger(expires_in_seconds) && expires_in_seconds >= 0).toBe(true);
      }
    }),
    RUNS,
  );
});
