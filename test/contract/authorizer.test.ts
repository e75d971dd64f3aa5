import { describe, expect, test } from "vitest";
import type { Accepts } from "../../lib/authenticate.ts";
import {
  type AuthorizerEvent,
  bearer,
  type ClientRequest,
  EVENT_KINDS,
  httpApi2,
  REQUEST_ID,
  restToken,
  SOURCE_IP,
  WHOLE_API_AND_STAGE,
} from "../support/events.ts";
import { loadHandlers } from "../support/handlers.ts";
import { createTestKeyring } from "../support/keyring.ts";
import { createTestLog } from "../support/logs.ts";
import { named } from "../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";

const { createAuthorizer } = await loadHandlers();
const OTHER_KEY = "k".repeat(48);

function setUp(accepts: Partial<Accepts> = {}) {
  const context = createTestKeyring();
  const { log, entries } = createTestLog();
  const handle = createAuthorizer({
    keyring: context.keyring,
    now: context.clock.now,
    log,
    accepts: { master: true, native: false, ...accepts },
  });
  return { ...context, handle, entries, exp: context.clock.seconds() + 3_600 };
}

/** What an event of this kind gets when it is let in, with this context. */
function allowed(event: AuthorizerEvent, context: Record<string, string>) {
  if ("version" in event && event.version === "2.0") return { isAuthorized: true, context };
  return {
    principalId: context.sessionId,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: WHOLE_API_AND_STAGE }],
    },
    context,
  };
}

/** Sees that the handler refuses as an event of this kind is refused. */
async function expectRefusal(answer: Promise<unknown>, event: AuthorizerEvent): Promise<void> {
  if ("version" in event && event.version === "2.0") {
    expect(await answer).toEqual({ isAuthorized: false });
  } else {
    // API Gateway answers 401 to this very message, and 500 to any other.
    await expect(answer).rejects.toThrow(/^Unauthorized$/);
  }
}

const carriers: [string, (token: string) => ClientRequest][] = [
  ["header", bearer],
  ["query parameter", (token) => ({ query: [["token", token]] })],
  ["cookie", (token) => ({ cookies: ["theme=dark", `pocketpaw_session=${token}`] })],
];
const cells = Object.entries(EVENT_KINDS).flatMap(([kind, event]) =>
  carriers
    .filter(([carrier]) => event !== restToken || carrier === "header")
    .map(([carrier, request]) => ({ kind, event, carrier, request })),
);

describe.each(cells)("$kind, $carrier", ({ event, request }) => {
  test("a session token is let in", async () => {
    const { handle, exp } = setUp();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const sent = event(request(token));
    expect(await handle(sent)).toEqual(
      allowed(sent, { method: "session", expiresAt: String(exp), sessionId: sessionIdFor(token) }),
    );
  });

  test("a session token of the previous HMAC key is let in", async () => {
    const { handle, exp, store } = setUp();
    store.rotate(OTHER_KEY);
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const sent = event(request(token));
    expect(await handle(sent)).toEqual(
      allowed(sent, { method: "session", expiresAt: String(exp), sessionId: sessionIdFor(token) }),
    );
  });

  test("the master token is let in, without an end", async () => {
    const { handle } = setUp();
    const sent = event(request(MASTER_TOKEN));
    expect(await handle(sent)).toEqual(
      allowed(sent, { method: "master", sessionId: sessionIdFor(MASTER_TOKEN) }),
    );
  });

  test("the master token is refused where it is not to be accepted", async () => {
    const { handle } = setUp({ master: false });
    const sent = event(request(MASTER_TOKEN));
    await expectRefusal(handle(sent), sent);
  });

  test("PocketPaw's own token is let in where an origin is configured, and nowhere else", async () => {
    const { handle, exp } = setUp({ native: true });
    const token = nativeToken(MASTER_TOKEN, exp);
    const sent = event(request(token));
    expect(await handle(sent)).toEqual(
      allowed(sent, {
        method: "native",
        expiresAt: String(exp),
        sessionId: sessionIdFor(token),
        upstreamCookie: `pocketpaw_session=${nativeToken(MASTER_TOKEN, exp)}`,
      }),
    );
    await expectRefusal(setUp().handle(sent), sent);
  });

  test("refusals: forged, expired, malformed, wrong", async () => {
    const { handle, clock, exp } = setUp({ native: true });
    for (const token of [
      forgedToken(exp),
      sessionToken(MASTER_TOKEN, HMAC_KEY, clock.seconds()),
      nativeToken(MASTER_TOKEN, clock.seconds()),
      nativeToken(HMAC_KEY, exp),
      "session:",
      "wrong",
    ]) {
      const sent = event(request(token));
      await expectRefusal(handle(sent), sent);
    }
  });

  test("secrets that cannot be read: an error of another kind, and nobody is let in", async () => {
    for (const version of ["master", "key"] as const) {
      for (const value of [named("AccessDeniedException", "no"), "", "k\n".repeat(10)]) {
        const { handle, store, exp } = setUp();
        store.values[version] = value;
        for (const token of [sessionToken(MASTER_TOKEN, HMAC_KEY, exp), MASTER_TOKEN]) {
          const answer = handle(event(request(token)));
          await expect(answer).rejects.toThrow(/^secrets_(unavailable|unusable)$/);
        }
      }
    }
  });
});

describe.each(Object.entries(EVENT_KINDS))("%s", (_kind, event) => {
  test("without any credential it is refused", async () => {
    const { handle } = setUp();
    await expectRefusal(handle(event({})), event({}));
  });

  test("where an origin is configured, the context has a cookie for it, which ends with the session", async () => {
    const { handle, exp } = setUp({ native: true });
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const { context } = (await handle(event(bearer(token)))) as { context: unknown };
    expect(context).toMatchObject({
      upstreamCookie: `pocketpaw_session=${nativeToken(MASTER_TOKEN, exp)}`,
    });
  });

  test("for the master token that cookie ends in 300 s", async () => {
    const { handle, clock } = setUp({ native: true });
    const { context } = (await handle(event(bearer(MASTER_TOKEN)))) as { context: unknown };
    expect(context).toMatchObject({
      upstreamCookie: `pocketpaw_session=${nativeToken(MASTER_TOKEN, clock.seconds() + 300)}`,
    });
  });

  test("every value of the context is a text: API Gateway takes nothing else", async () => {
    const { handle, exp } = setUp({ native: true });
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const { context } = (await handle(event(bearer(token)))) as { context: object };
    expect(Object.values(context).map((value) => typeof value)).toEqual(Array(4).fill("string"));
  });
});

describe("an Allow policy names the whole API and stage", () => {
  test.each([
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/a/b", "abcdef123/test/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/$default/GET/a", "abcdef123/$default/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/", "abcdef123/test/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/prod/$connect", "abcdef123/prod/*"],
    ["arn:aws:execute-api:us-east-1:123456789012:abcdef123/v1/GET/a:b/*", "abcdef123/v1/*"],
    ["arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef123/v1/GET/", "abcdef123/v1/*"],
  ])("%s", async (methodArn, resource) => {
    const { handle } = setUp();
    const answer = await handle({ ...restToken(bearer(MASTER_TOKEN)), methodArn });
    const prefix = methodArn.slice(0, methodArn.indexOf("abcdef123"));
    expect(answer).toMatchObject({
      policyDocument: { Statement: [{ Resource: prefix + resource }] },
    });
  });

  test.each(["", "*", "arn:aws:execute-api:us-east-1:123456789012:*", "arn:aws:s3:::bucket/a/b"])(
    "an event without such an ARN lets nobody in: %j",
    async (methodArn) => {
      const { handle } = setUp();
      await expect(handle({ ...restToken(bearer(MASTER_TOKEN)), methodArn })).rejects.toThrow();
    },
  );
});

describe("each decision is one log line", () => {
  const caller = { event: "authorization", requestId: REQUEST_ID, sourceIp: SOURCE_IP };

  test("allowed: how, and by which session", async () => {
    const { handle, entries, exp } = setUp();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    await handle(httpApi2(bearer(token)));
    const sessionId = sessionIdFor(token);
    expect(entries).toEqual([
      { level: "INFO", ...caller, outcome: "allowed", method: "session", sessionId },
    ]);
  });

  test("refused: why, and the session where the credential is of a token's shape", async () => {
    const { clock } = setUp();
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
      const { handle, entries } = setUp();
      await handle(httpApi2(request));
      expect(entries).toEqual([{ level: "WARN", ...caller, outcome: "refused", ...found }]);
    }
  });

  test("failed: why", async () => {
    for (const [value, reason] of [
      [named("AccessDeniedException", "no"), "secrets_unavailable"],
      ["too short", "secrets_unusable"],
    ] as const) {
      const { handle, entries, store } = setUp();
      store.values.key = value;
      await expect(handle(httpApi2(bearer(MASTER_TOKEN)))).rejects.toThrow(reason);
      expect(entries).toEqual([{ level: "ERROR", ...caller, outcome: "failed", reason }]);
    }
  });

  test("also of a good token in an event that no policy can be made for", async () => {
    const { handle, entries } = setUp();
    const event = { ...restToken(bearer(MASTER_TOKEN)), methodArn: "?" };
    await expect(handle(event)).rejects.toThrow();
    expect(entries).toHaveLength(1);
  });

  test("a TOKEN event has no request id of its own: it is Lambda's", async () => {
    const { handle, entries } = setUp();
    const context = { awsRequestId: "lambda-1" } as Parameters<typeof handle>[1];
    await handle(restToken(bearer(MASTER_TOKEN)), context);
    expect(entries).toMatchObject([{ requestId: "lambda-1" }]);
  });
});
