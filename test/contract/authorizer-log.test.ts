import { describe, expect, test } from "vitest";
import { bearer, httpApi2, REQUEST_ID, restToken, SOURCE_IP } from "../support/events.ts";
import { openFunctions } from "../support/functions-in-memory.ts";
import { named } from "../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";

describe("an Allow policy names the whole API and stage", () => {
  test.each([
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/a/b", "abcdef123/test/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/$default/GET/a", "abcdef123/$default/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/", "abcdef123/test/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/prod/$connect", "abcdef123/prod/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/v1/GET/a:b/*", "abcdef123/v1/*"],
    ["arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef123/v1/GET/", "abcdef123/v1/*"],
  ])("%s", async (methodArn, resource) => {
    const { authorizer: handle } = openFunctions();
    const response = await handle({ ...restToken(bearer(MASTER_TOKEN)), methodArn });
    const prefix = methodArn.slice(0, methodArn.indexOf("abcdef123"));
    expect(response).toMatchObject({
      policyDocument: { Statement: [{ Resource: prefix + resource }] },
    });
  });

  test.each([
    "",
    "*",
    "arn:aws:execute-api:us-east-1:123456789012:*",
    "arn:aws:s3:::bucket/a/b",
    "x arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/",
  ])("an event without such an ARN is refused: %j", async (methodArn) => {
    const { authorizer: handle, entries } = openFunctions();
    const event = { ...restToken(bearer(MASTER_TOKEN)), methodArn };
    await expect(handle(event)).rejects.toThrow(/^Unauthorized$/);
    expect(entries).toMatchObject([
      { level: "ERROR", outcome: "refused", reason: "malformed_event" },
    ]);
  });
});

describe("each decision is one log line", () => {
  const caller = { event: "authorization", requestId: REQUEST_ID, sourceIp: SOURCE_IP };

  test("allowed: how, and by which session", async () => {
    const { authorizer: handle, entries, exp } = openFunctions();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    await handle(httpApi2(bearer(token)));
    const sessionId = sessionIdFor(token);
    expect(entries).toEqual([
      { level: "INFO", ...caller, outcome: "allowed", method: "session", sessionId },
    ]);
  });

  const forged = forgedToken(4_102_444_800);
  const expired = sessionToken(MASTER_TOKEN, HMAC_KEY, 1);

  test.each([
    ["missing", {}, {}],
    ["malformed", bearer("session:1"), {}],
    ["wrong_master", bearer("wrong"), {}],
    ["bad_mac", bearer(forged), { sessionId: sessionIdFor(forged) }],
    ["expired", bearer(expired), { sessionId: sessionIdFor(expired) }],
  ])(
    "refused: the reason %s, and the session id of a well-formed token",
    async (reason, request, found) => {
      const { authorizer: handle, entries } = openFunctions();
      await handle(httpApi2(request));
      expect(entries).toEqual([{ level: "WARN", ...caller, outcome: "refused", reason, ...found }]);
    },
  );

  test.each([
    ["secrets_unavailable", named("AccessDeniedException", "no")],
    ["secrets_unusable", "too short"],
  ])("failed: the reason %s", async (reason, value) => {
    const { authorizer: handle, entries, store } = openFunctions();
    store.values.key = value;
    await expect(handle(httpApi2(bearer(MASTER_TOKEN)))).rejects.toThrow(reason);
    expect(entries).toEqual([{ level: "ERROR", ...caller, outcome: "failed", reason }]);
  });

  test("a TOKEN event has no request id of its own: it is Lambda's", async () => {
    const { authorizer: handle, entries } = openFunctions();
    const context = { awsRequestId: "lambda-1" } as Parameters<typeof handle>[1];
    await handle(restToken(bearer(MASTER_TOKEN)), context);
    expect(entries).toMatchObject([{ requestId: "lambda-1" }]);
  });
});
