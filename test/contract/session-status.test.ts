import { describe, expect, test } from "vitest";
import { createSessionStatus } from "../../lib/functions/session-status.ts";
import { bearer, qrRequest, statusRequest } from "../support/events.ts";
import { json, openFunctions, unauthorized } from "../support/functions.ts";
import { goodSession, MASTER_TOKEN } from "../support/tokens.ts";

test.each([
  ["a session: until when, for how long", "session", 3_600],
  ["the master token: without an end", "master", null],
])("what the authorizer found is repeated: %s", async (_name, method, left) => {
  const { contextOf, status, exp } = openFunctions();
  const token = method === "master" ? MASTER_TOKEN : goodSession(exp);
  const response = await status(statusRequest((await contextOf(bearer(token))) ?? {}));
  const end = { expires_at: left && exp, expires_in_seconds: left };
  expect(response).toEqual(json(200, { authenticated: true, method, ...end }));
});

test.each([
  [998_001, 2],
  [999_999, 1],
  [1_000_000, 0],
  // As after a cached result of the authorizer.
  [1_060_000, 0],
])("at %i ms a session that ends at 1000 s has %i s left", async (milliseconds, seconds) => {
  const status = createSessionStatus({ now: () => milliseconds });
  const { body } = await status(statusRequest({ method: "session", expiresAt: "1000" }));
  expect(JSON.parse(body)).toMatchObject({ expires_at: 1000, expires_in_seconds: seconds });
});

const NO_ENDS = ["", "0", "-1", "1.5", "1e9", "01", " 1", "9".repeat(16), "NaN", "1\n"];
test.each(NO_ENDS)("an end of %j is none", async (expiresAt) => {
  const { status } = openFunctions();
  const { body } = await status(statusRequest({ method: "session", expiresAt }));
  expect(JSON.parse(body)).toMatchObject({ expires_at: null });
});

describe("a route that our authorizer does not protect responds 401", () => {
  const { requestContext, ...event } = qrRequest({});
  const { authorizer: _authorizer, ...context } = requestContext;
  const withAuthorizer = (authorizer: unknown) => ({
    ...event,
    requestContext: { ...context, authorizer },
  });

  test.each<[string, unknown]>([
    ["no event", undefined],
    ["no request context", event],
    ["no authorizer", { ...event, requestContext: context }],
    ["a JWT authorizer", withAuthorizer({ jwt: { claims: { method: "master" } } })],
    ["payload 1.0", withAuthorizer({ method: "master" })],
    ["no method", qrRequest({ sessionId: "0123456789abcdef" })],
    ["a method that never reaches it", qrRequest({ method: "pairing" })],
    ["an inherited method", withAuthorizer({ lambda: Object.create({ method: "master" }) })],
    ["a method in a list", withAuthorizer({ lambda: { method: ["master"] } })],
  ])("%s", async (_name, odd) => {
    const { status, qr, store } = openFunctions();
    for (const respond of [status, qr]) {
      const response = await respond(odd as Parameters<typeof respond>[0]);
      expect(response).toEqual(unauthorized("Unauthorized"));
    }
    expect(store.reads.key).toBe(0);
  });
});
