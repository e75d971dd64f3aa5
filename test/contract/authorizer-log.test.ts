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

  test.each(["", "*", "arn:aws:execute-api:us-east-1:123456789012:*", "arn:aws:s3:::bucket/a/b"])(
    "an event without such an ARN is refused: %j",
    async (methodArn) => {
      const { authorizer: handle } = openFunctions();
      await expect(handle({ ...restToken(bearer(MASTER_TOKEN)), methodArn })).rejects.toThrow();
    },
  );
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

  test("refused: why, and the session where the credential is of a token's shape", async () => {
    const { clock } = openFunctions();
    const exp = clock.seconds() + 60;
    const forged = forgedToken(exp);
    const expired = sessionToken(MASTER_TOKEN, HMAC_KEY, 1);
    for (const [request, found] of [
      [{}, { reason: "missing" }],
      [bearer("session:1"), { reason: "malformed" }],
      [bearer("wrong"), { reason: "wrong_master" }],
      [bearer(forged), { reason: "bad_mac", sessionId: sessionIdFor(forged) }],
      [bearer(expired), { reason: "expired", sessionId: sessionIdFor(expired) }],
    ] as const) {
      const { authorizer: handle, entries } = openFunctions();
      await handle(httpApi2(request));
      expect(entries).toEqual([{ level: "WARN", ...caller, outcome: "refused", ...found }]);
    }
  });

  test("failed: why", async () => {
    for (const [value, reason] of [
      [named("AccessDeniedException", "no"), "secrets_unavailable"],
      ["too short", "secrets_unusable"],
    ] as const) {
      const { authorizer: handle, entries, store } = openFunctions();
      store.values.key = value;
      await expect(handle(httpApi2(bearer(MASTER_TOKEN)))).rejects.toThrow(reason);
      expect(entries).toEqual([{ level: "ERROR", ...caller, outcome: "failed", reason }]);
    }
  });

  test("also of a good token in an event that no policy can be made for", async () => {
    const { authorizer: handle, entries } = openFunctions();
    const event = { ...restToken(bearer(MASTER_TOKEN)), methodArn: "?" };
    await expect(handle(event)).rejects.toThrow();
    expect(entries).toHaveLength(1);
  });

  test("a TOKEN event has no request id of its own: it is Lambda's", async () => {
    const { authorizer: handle, entries } = openFunctions();
    const context = { awsRequestId: "lambda-1" } as Parameters<typeof handle>[1];
    await handle(restToken(bearer(MASTER_TOKEN)), context);
    expect(entries).toMatchObject([{ requestId: "lambda-1" }]);
  });
});
