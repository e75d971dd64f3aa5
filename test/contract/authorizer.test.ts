import { describe, expect, test } from "vitest";
import {
  type AuthorizerEvent,
  bearer,
  type ClientRequest,
  EVENT_KINDS,
  restToken,
  WHOLE_API_AND_STAGE,
} from "../support/events.ts";
import { openFunctions } from "../support/functions-in-memory.ts";
import { named } from "../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionIdFor,
  sessionToken,
} from "../support/tokens.ts";

const OTHER_KEY = "k".repeat(48);

/** What an event of this kind gets when it is allowed, with this context. */
function allowed(event: AuthorizerEvent, found: Record<string, string>) {
  const context: Record<string, string> = { ...found, masterTokenVersion: "master-1" };
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
async function expectRefusal(response: Promise<unknown>, event: AuthorizerEvent): Promise<void> {
  if ("version" in event && event.version === "2.0") {
    expect(await response).toEqual({ isAuthorized: false });
  } else {
    // API Gateway responds with 401 to this very message, and 500 to any other.
    await expect(response).rejects.toThrow(/^Unauthorized$/);
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
  test("a session token is allowed", async () => {
    const { authorizer: handle, exp } = openFunctions();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const sent = event(request(token));
    expect(await handle(sent)).toEqual(
      allowed(sent, { method: "session", expiresAt: String(exp), sessionId: sessionIdFor(token) }),
    );
  });

  test("a session token of the previous HMAC key is allowed", async () => {
    const { authorizer: handle, exp, store } = openFunctions();
    store.rotate(OTHER_KEY);
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const sent = event(request(token));
    expect(await handle(sent)).toEqual(
      allowed(sent, { method: "session", expiresAt: String(exp), sessionId: sessionIdFor(token) }),
    );
  });

  test("the master token is allowed, without an end", async () => {
    const { authorizer: handle } = openFunctions();
    const sent = event(request(MASTER_TOKEN));
    expect(await handle(sent)).toEqual(
      allowed(sent, { method: "master", sessionId: sessionIdFor(MASTER_TOKEN) }),
    );
  });

  test("the master token is refused where it is not to be accepted", async () => {
    const { authorizer: handle } = openFunctions({ master: false });
    const sent = event(request(MASTER_TOKEN));
    await expectRefusal(handle(sent), sent);
  });

  test("a PocketPaw token is allowed only where PocketPaw is behind the gateway", async () => {
    const { authorizer: handle, exp } = openFunctions({ native: true });
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
    await expectRefusal(openFunctions().authorizer(sent), sent);
  });

  test.each<[string, (exp: number, now: number) => string]>([
    ["a forged token", (exp) => forgedToken(exp)],
    ["an expired session token", (_exp, now) => sessionToken(MASTER_TOKEN, HMAC_KEY, now)],
    ["an expired PocketPaw token", (_exp, now) => nativeToken(MASTER_TOKEN, now)],
    ["a PocketPaw token under the HMAC key", (exp) => nativeToken(HMAC_KEY, exp)],
    ["a malformed token", () => "session:"],
    ["a wrong master token", () => "wrong"],
  ])("%s is refused", async (_name, tokenOf) => {
    const { authorizer: handle, clock, exp } = openFunctions({ native: true });
    const sent = event(request(tokenOf(exp, clock.seconds())));
    await expectRefusal(handle(sent), sent);
  });

  describe.each(["master", "key"] as const)("while the secret of the %s", (version) => {
    test.each([
      ["cannot be read", named("AccessDeniedException", "no"), "secrets_unavailable"],
      ["is empty", "", "secrets_unusable"],
      ["has line feeds, or 20 bytes", "k\n".repeat(10), "secrets_unusable"],
    ])("%s, no request is allowed: an error of another kind", async (_name, value, reason) => {
      const { authorizer: handle, store, exp } = openFunctions();
      store.values[version] = value;
      const valid = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
      await expect(handle(event(request(valid)))).rejects.toThrow(reason);
      await expect(handle(event(request(MASTER_TOKEN)))).rejects.toThrow(reason);
    });
  });
});

describe.each(Object.entries(EVENT_KINDS))("%s", (_kind, event) => {
  test("without any credential it is refused", async () => {
    const { authorizer: handle } = openFunctions();
    await expectRefusal(handle(event({})), event({}));
  });

  test("where an origin is configured, the context has a cookie for it, which ends with the session", async () => {
    const { authorizer: handle, exp } = openFunctions({ native: true });
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const { context } = (await handle(event(bearer(token)))) as { context: unknown };
    expect(context).toMatchObject({
      upstreamCookie: `pocketpaw_session=${nativeToken(MASTER_TOKEN, exp)}`,
    });
  });

  test("for the master token that cookie ends in 300 s", async () => {
    const { authorizer: handle, clock } = openFunctions({ native: true });
    const { context } = (await handle(event(bearer(MASTER_TOKEN)))) as { context: unknown };
    expect(context).toMatchObject({
      upstreamCookie: `pocketpaw_session=${nativeToken(MASTER_TOKEN, clock.seconds() + 300)}`,
    });
  });

  test("every value of the context is a string: API Gateway accepts nothing else", async () => {
    const { authorizer: handle, exp } = openFunctions({ native: true });
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    const { context } = (await handle(event(bearer(token)))) as { context: object };
    expect(Object.values(context).map((value) => typeof value)).toEqual(Array(5).fill("string"));
  });
});

test("a TOKEN authorizer accepts a session token without a scheme, and the master token only with one", async () => {
  const { authorizer: handle, exp } = openFunctions();
  const bare = (token: string) => handle(restToken({ headers: { Authorization: token } }));
  expect(await bare(sessionToken(MASTER_TOKEN, HMAC_KEY, exp))).toHaveProperty("policyDocument");
  await expect(bare(MASTER_TOKEN)).rejects.toThrow(/^Unauthorized$/);
  expect(await handle(restToken(bearer(MASTER_TOKEN)))).toHaveProperty("policyDocument");
});
