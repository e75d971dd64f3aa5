import { expect, test } from "vitest";
import { createAuthorizer } from "../../lib/functions/authorizer.ts";
import { createSessionStatus } from "../../lib/functions/session-status.ts";
import { documented } from "../support/documented.ts";
import { bearer, httpApi2, statusRequest } from "../support/events.ts";
import { createTestKeyring } from "../support/keyring.ts";
import { createTestLog } from "../support/logs.ts";
import { HMAC_KEY, MASTER_TOKEN, nativeToken, sessionToken } from "../support/tokens.ts";

/** The response to a client with this token: first the authorizer's work, then the function's. */
async function statusOf(token: string, { now, keyring }: { now: () => number; keyring: Keyring }) {
  const { log } = createTestLog();
  const accepts = ["session", "pairing", "master", "native"] as const;
  const found = await createAuthorizer({ keyring, now, log, accepts, allowedOrigins: [] })(
    httpApi2(bearer(token)),
  );
  return documented(
    "GET /auth/session",
    createSessionStatus({ now }),
  )(statusRequest((found as { context: Record<string, string> }).context));
}

type Keyring = ReturnType<typeof createTestKeyring>["keyring"];

test.each(["session", "native"] as const)(
  "a %s token: until when, for how long",
  async (method) => {
    const { keyring, clock } = createTestKeyring();
    const exp = clock.seconds() + 3_600;
    const token =
      method === "session"
        ? sessionToken(MASTER_TOKEN, HMAC_KEY, exp)
        : nativeToken(MASTER_TOKEN, exp);
    expect(await statusOf(token, { now: clock.now, keyring })).toEqual({
      statusCode: 200,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
      body: JSON.stringify({
        authenticated: true,
        method,
        expires_at: exp,
        expires_in_seconds: 3_600,
      }),
    });
  },
);

test("the master token: without an end", async () => {
  const { keyring, clock } = createTestKeyring();
  const { body } = await statusOf(MASTER_TOKEN, { now: clock.now, keyring });
  expect(JSON.parse(body)).toEqual({
    authenticated: true,
    method: "master",
    expires_at: null,
    expires_in_seconds: null,
  });
});

test.each([
  [998_001, 2],
  [999_999, 1],
  [1_000_000, 0],
  // As after a cached result of the authorizer.
  [1_060_000, 0],
])("at %i ms a session that ends at 1000 s has %i s left", async (milliseconds, seconds) => {
  const found = { method: "session", expiresAt: "1000", sessionId: "0".repeat(16) };
  const status = documented("GET /auth/session", createSessionStatus({ now: () => milliseconds }));
  const { body } = await status(statusRequest(found));
  expect(JSON.parse(body)).toMatchObject({ expires_at: 1000, expires_in_seconds: seconds });
});

test.each([
  {},
  { authorizer: {} },
  { authorizer: { lambda: {} } },
  { authorizer: { jwt: { claims: { method: "session" } } } },
])("a route without the authorizer responds with 401: %j", async (context) => {
  const { requestContext, ...event } = statusRequest({});
  const { authorizer: _authorizer, ...withoutAuthorizer } = requestContext;
  const response = await createSessionStatus({ now: Date.now })({
    ...event,
    requestContext: { ...withoutAuthorizer, ...context },
  } as ReturnType<typeof statusRequest>);
  expect(response).toMatchObject({
    statusCode: 401,
    headers: { "www-authenticate": 'Bearer realm="pocketpaw"' },
    body: '{"detail":"Unauthorized"}',
  });
});
