import { describe, expect, test } from "vitest";
import { readAuthorizerContext } from "../../../lib/auth/authorizer-context.ts";
import { statusRequest } from "../../support/events.ts";

const NO_DETAILS = {
  sessionId: undefined,
  masterTokenVersion: undefined,
  expiresAt: undefined,
  upstreamCookie: undefined,
};

test("the context is read in full", () => {
  const found = {
    method: "session",
    sessionId: "0123456789abcdef",
    masterTokenVersion: "v1",
    expiresAt: "1767268800",
    upstreamCookie: "pocketpaw_session=x",
  };
  expect(readAuthorizerContext(statusRequest(found))).toEqual({ ...found, expiresAt: 1767268800 });
});

test.each(["session", "pairing", "master", "native"])("method %s alone is enough", (method) => {
  expect(readAuthorizerContext(statusRequest({ method }))).toEqual({ method, ...NO_DETAILS });
});

describe("a route that our authorizer does not protect", () => {
  test.each<[string, unknown]>([
    ["no event", undefined],
    ["null", null],
    ["a text", "event"],
    ["no request context", {}],
    ["no authorizer", { requestContext: {} }],
    [
      "a JWT authorizer",
      { requestContext: { authorizer: { jwt: { claims: { method: "master" } } } } },
    ],
    ["payload 1.0", { requestContext: { authorizer: { method: "master" } } }],
    ["no method", statusRequest({})],
    ["an unknown method", statusRequest({ method: "root" })],
    [
      "an inherited method",
      { requestContext: { authorizer: { lambda: Object.create({ method: "master" }) } } },
    ],
    ["a method in a list", { requestContext: { authorizer: { lambda: { method: ["master"] } } } }],
  ])("has no caller: %s", (_name, event) => {
    expect(readAuthorizerContext(event)).toBeUndefined();
  });
});

test.each(["", "0", "-1", "1.5", "1e9", "01", " 1", "1 ", "9".repeat(16), "NaN", "x", "1\n"])(
  "an end of %j is none",
  (expiresAt) => {
    const caller = readAuthorizerContext(statusRequest({ method: "session", expiresAt }));
    expect(caller).toEqual({ method: "session", ...NO_DETAILS });
  },
);

test("what is no text is not taken over", () => {
  const lambda = { method: "session", sessionId: 7, expiresAt: 1, masterTokenVersion: ["v"] };
  const caller = readAuthorizerContext({ requestContext: { authorizer: { lambda } } });
  expect(caller).toEqual({ method: "session", ...NO_DETAILS });
});
