import { describe, expect, test } from "vitest";
import {
  ALLOW_STATEMENT,
  type AuthorizerEvent,
  bearer,
  type ClientRequest,
  cookie,
  EVENT_KINDS,
  httpApi2,
  INFO,
  restToken,
  TO_POCKETPAW,
} from "../support/events.ts";
import { openFunctions } from "../support/functions.ts";
import {
  forgedToken,
  goodSession,
  MASTER_TOKEN,
  pocketPawToken,
  sessionIdFor,
} from "../support/tokens.ts";

const isSimple = (event: AuthorizerEvent) => "version" in event && event.version === "2.0";

/** What an event of this kind gets when it is allowed, with this context. */
function allowed(event: AuthorizerEvent, found: Record<string, string>) {
  const context: Record<string, string> = { ...found, masterTokenVersion: "master-1" };
  if (isSimple(event)) return { isAuthorized: true, context };
  return {
    principalId: context.sessionId,
    policyDocument: { Version: "2012-10-17", Statement: [ALLOW_STATEMENT] },
    context,
  };
}

const NOW = openFunctions().clock.seconds();
const EXP = NOW + 3_600;
const TOKEN = goodSession(EXP);
const SESSION = { method: "session", sessionId: sessionIdFor(TOKEN) };
const MASTER = { method: "master", sessionId: sessionIdFor(MASTER_TOKEN) };

describe.each(Object.entries(EVENT_KINDS))("%s", (_kind, event) => {
  test("a session is allowed with its end, the master token without one", async () => {
    const { authorizer } = openFunctions();
    const session = event(bearer(TOKEN));
    const found = { ...SESSION, expiresAt: String(EXP) };
    expect(await authorizer(session)).toEqual(allowed(session, found));
    const master = event(bearer(MASTER_TOKEN));
    expect(await authorizer(master)).toEqual(allowed(master, MASTER));
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
});

describe("with PocketPaw behind the gateway, the context has a cookie for it", () => {
  const contextFor = (routeKey: string, token = TOKEN, hasPocketPaw = true) =>
    openFunctions({ hasPocketPaw }).contextOf({ routeKey, path: "/api/x", ...bearer(token) });
  const cookieUntil = (exp: number) => `pocketpaw_session=${pocketPawToken(MASTER_TOKEN, exp)}`;

  test("which ends with the session, and in 300 s for the master token; all values are strings", async () => {
    const found = (await contextFor(TO_POCKETPAW)) ?? {};
    expect(found).toMatchObject({ upstreamCookie: cookieUntil(EXP) });
    const types = Object.values(found).map((value) => typeof value);
    expect(types).toEqual(Array(5).fill("string"));
    const master = await contextFor(TO_POCKETPAW, MASTER_TOKEN);
    expect(master).toMatchObject({ upstreamCookie: cookieUntil(NOW + 300) });
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
    const found = (await contextFor(routeKey)) ?? {};
    expect("upstreamCookie" in found).toBe(expected);
    const without = await contextFor(routeKey, TOKEN, false);
    expect(without).not.toHaveProperty("upstreamCookie");
  });
});

// Which paths are odd is in test/unit/http/original-request.test.ts.
test.each([
  [TO_POCKETPAW, "/api/qr\n", false],
  [TO_POCKETPAW, "/api/v1/sessions/websocket:a b", true],
  ["GET /api/qr", "/api/qr\n", true],
])("a request to %s of the path %j is allowed: %j", async (routeKey, path, expected) => {
  const { authorizer, entries } = openFunctions();
  const event = httpApi2({ routeKey, path, ...bearer(MASTER_TOKEN) });
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
    const event = { ...restToken(bearer(MASTER_TOKEN)), methodArn };
    const response = await openFunctions().authorizer(event);
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
    const refused = { level: "ERROR", outcome: "refused", reason: "malformed_event" };
    expect(entries).toMatchObject([refused]);
  });
});

describe("each decision is one log line", () => {
  const LINE = { event: "authorization", ...INFO };

  test("allowed: how, and by which session", async () => {
    const { authorize, entries } = openFunctions();
    await authorize(TOKEN);
    expect(entries).toEqual([{ level: "INFO", ...LINE, outcome: "allowed", ...SESSION }]);
  });

  const forged = forgedToken(EXP);
  const byCookie = {
    method: "POST",
    headers: { Origin: "https://evil.example" },
    ...cookie(TOKEN),
  };
  test.each<[string, ClientRequest, object]>([
    ["missing", {}, {}],
    ["wrong_master", bearer("wrong"), {}],
    ["bad_mac", bearer(forged), { sessionId: sessionIdFor(forged) }],
    ["cross_origin", byCookie, { sessionId: sessionIdFor(TOKEN) }],
  ])("refused: %s, and the session id of a well-formed token", async (reason, request, found) => {
    const { authorizer, entries } = openFunctions();
    await authorizer(httpApi2(request));
    expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason, ...found }]);
  });
});
