import { describe, expect, test } from "vitest";
import {
  type AuthorizerEvent,
  bearer,
  type ClientRequest,
  cookie,
  EVENT_KINDS,
  httpApi2,
  REQUEST_ID,
  restToken,
  SOURCE_IP,
  TO_POCKETPAW,
  WHOLE_API_AND_STAGE,
} from "../support/events.ts";
import { openBroken, openFunctions } from "../support/functions.ts";
import { named } from "../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  pocketPawToken,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";

const isSimple = (event: AuthorizerEvent) => "version" in event && event.version === "2.0";

/** What an event of this kind gets when it is allowed, with this context. */
function allowed(event: AuthorizerEvent, found: Record<string, string>) {
  const context: Record<string, string> = { ...found, masterTokenVersion: "master-1" };
  if (isSimple(event)) return { isAuthorized: true, context };
  const statement = {
    Action: "execute-api:Invoke",
    Effect: "Allow",
    Resource: WHOLE_API_AND_STAGE,
  };
  return {
    principalId: context.sessionId,
    policyDocument: { Version: "2012-10-17", Statement: [statement] },
    context,
  };
}

describe.each(Object.entries(EVENT_KINDS))("%s", (_kind, event) => {
  test("a session is allowed, with its end", async () => {
    const { authorizer, exp } = openFunctions();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const sent = event(bearer(token));
    const found = { method: "session", expiresAt: String(exp), sessionId: sessionIdFor(token) };
    expect(await authorizer(sent)).toEqual(allowed(sent, found));
  });

  test("the master token is allowed, without an end", async () => {
    const sent = event(bearer(MASTER_TOKEN));
    expect(await openFunctions().authorizer(sent)).toEqual(
      allowed(sent, { method: "master", sessionId: sessionIdFor(MASTER_TOKEN) }),
    );
  });

  test.each<[string, ClientRequest]>([
    ["no credential", {}],
    ["a wrong one", bearer("wrong")],
  ])("%s is refused", async (_name, request) => {
    const sent = event(request);
    const response = openFunctions().authorizer(sent);
    if (isSimple(sent)) expect(await response).toEqual({ isAuthorized: false });
    // API Gateway responds with 401 to this very message, and 500 to any other.
    else await expect(response).rejects.toThrow(/^Unauthorized$/);
  });

  test.each([
    ["cannot be read", named("AccessDeniedException", "no"), "secrets_unavailable"],
    ["is unusable", "", "secrets_unusable"],
  ])(
    "where a secret %s, no request is allowed: an error of another kind",
    async (_name, value, reason) => {
      const { authorizer, store } = openFunctions();
      store.values.key = value;
      await expect(authorizer(event(bearer(MASTER_TOKEN)))).rejects.toThrow(new Error(reason));
    },
  );
});

describe("with PocketPaw behind the gateway, the context has a cookie for it", () => {
  const contextFor = async (
    routeKey: string,
    token: (exp: number) => string,
    hasPocketPaw = true,
  ) => {
    const { contextOf, exp, clock } = openFunctions({ hasPocketPaw });
    const found = await contextOf({ routeKey, path: "/api/x", ...bearer(token(exp)) });
    return { found, exp, now: clock.seconds() };
  };
  const session = (exp: number) => sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
  const cookieUntil = (exp: number) => `pocketpaw_session=${pocketPawToken(MASTER_TOKEN, exp)}`;

  test("which ends with the session, and all values are strings", async () => {
    const { found, exp } = await contextFor(TO_POCKETPAW, session);
    expect(found).toMatchObject({ upstreamCookie: cookieUntil(exp) });
    expect(Object.values(found ?? {}).map((value) => typeof value)).toEqual(
      Array(5).fill("string"),
    );
  });

  test("which ends in 300 s for the master token", async () => {
    const { found, now } = await contextFor(TO_POCKETPAW, () => MASTER_TOKEN);
    expect(found).toMatchObject({ upstreamCookie: cookieUntil(now + 300) });
  });

  test.each([
    [TO_POCKETPAW, true],
    ["GET /api/{proxy+}", true],
    ["POST /api/token/regenerate", true],
    ["POST /api/v1/token/regenerate", true],
    ["GET /api/token/regenerate", false],
    ["POST /api/v2/token/regenerate", false],
    ["POST /other/api/token/regenerate", false],
    ["GET /api/auth/session", false],
    ["GET /api/qr", false],
    ["$default", false],
    ["ANY /stack/{proxy+}", false],
  ])("only for a route that needs one: %s: %j", async (routeKey, expected) => {
    const { found } = await contextFor(routeKey, session);
    expect(found !== undefined && "upstreamCookie" in found).toBe(expected);
    const { found: without } = await contextFor(routeKey, session, false);
    expect(without).not.toHaveProperty("upstreamCookie");
  });
});

test.each([
  ["/api/qr\n", false],
  ["/api/token/regenerate\n", false],
  ["/api/v1/oauth/integrations/callback\n", false],
  ["/api/auth/login#x", false],
  ["/api/%25", false],
  ["/api//qr", false],
  ["/api/../qr", false],
  ["/api/v1/sessions/websocket:a b", true],
])("of requests for PocketPaw, %j is allowed: %j", async (path, expected) => {
  const { authorizer, entries } = openFunctions();
  const event = httpApi2({ routeKey: TO_POCKETPAW, path, ...bearer(MASTER_TOKEN) });
  expect(await authorizer(event)).toMatchObject({ isAuthorized: expected });
  if (!expected) expect(entries).toMatchObject([{ outcome: "refused", reason: "odd_path" }]);
});

describe("an Allow policy names the whole API and stage", () => {
  test.each([
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/a/b", "abcdef123/test/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/$default/GET/a", "abcdef123/$default/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/prod/$connect", "abcdef123/prod/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:bbb/v1/GET/a:b/*", "bbb/v1/*"],
    ["arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef123/v1/GET/", "abcdef123/v1/*"],
  ])("%s", async (methodArn, resource) => {
    const response = await openFunctions().authorizer({
      ...restToken(bearer(MASTER_TOKEN)),
      methodArn,
    });
    const [prefix] = methodArn.split(/(?<=123456789012:)/);
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
    const { authorizer, entries } = openFunctions();
    const event = { ...restToken(bearer(MASTER_TOKEN)), methodArn };
    await expect(authorizer(event)).rejects.toThrow(/^Unauthorized$/);
    expect(entries).toMatchObject([
      { level: "ERROR", outcome: "refused", reason: "malformed_event" },
    ]);
  });
});

describe("each decision is one log line", () => {
  const caller = { event: "authorization", requestId: REQUEST_ID, sourceIp: SOURCE_IP };

  test("allowed: how, and by which session", async () => {
    const { authorizer, entries, exp } = openFunctions();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    await authorizer(httpApi2(bearer(token)));
    const sessionId = sessionIdFor(token);
    expect(entries).toEqual([
      { level: "INFO", ...caller, outcome: "allowed", method: "session", sessionId },
    ]);
  });

  const forged = forgedToken(4_102_444_800);
  test.each<[string, ClientRequest, object]>([
    ["missing", {}, {}],
    ["wrong_master", bearer("wrong"), {}],
    ["bad_mac", bearer(forged), { sessionId: sessionIdFor(forged) }],
  ])("refused: %s, and the session id of a well-formed token", async (reason, request, found) => {
    const { authorizer, entries } = openFunctions();
    await authorizer(httpApi2(request));
    expect(entries).toEqual([{ level: "WARN", ...caller, outcome: "refused", reason, ...found }]);
  });

  test("refused for a page of another origin: whose cookie it was", async () => {
    const { authorizer, entries, exp } = openFunctions();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const headers = { Origin: "https://evil.example" };
    await authorizer(httpApi2({ method: "POST", headers, ...cookie(token) }));
    const refused = { outcome: "refused", reason: "cross_origin", sessionId: sessionIdFor(token) };
    expect(entries).toEqual([{ level: "WARN", ...caller, ...refused }]);
  });

  test("an error of our own is internal_error, with its name alone", async () => {
    const { authorizer, entries } = openBroken(new TypeError(`no ${HMAC_KEY}`));
    await expect(authorizer(httpApi2(bearer(MASTER_TOKEN)))).rejects.toThrow(/^internal_error$/);
    const failed = { outcome: "failed", reason: "internal_error", error: "TypeError" };
    expect(entries).toEqual([{ level: "ERROR", ...caller, ...failed }]);
  });
});
