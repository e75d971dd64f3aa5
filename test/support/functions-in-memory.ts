import { expect } from "vitest";
import { acceptedMethods, createAuthorizer } from "../../lib/functions/authorizer.ts";
import { createSession } from "../../lib/functions/session.ts";
import { documented } from "./documented.ts";
import { type ClientRequest, EVENT_KINDS, exchangeRequest, restToken } from "./events.ts";
import { createTestKeyring } from "./keyring.ts";
import { createTestLog } from "./logs.ts";

/** The session function and the authorizer, with secrets in memory and a clock of their own. */
export function openFunctions(
  accepts: { master?: boolean; native?: boolean } = {},
  now?: () => number,
) {
  const { keyring, clock, store } = createTestKeyring();
  const { log, entries } = createTestLog();
  const dependencies = { keyring, now: now ?? clock.now, log };
  const authorizer = createAuthorizer({
    ...dependencies,
    accepts: acceptedMethods({
      acceptMasterToken: accepts.master ?? true,
      acceptNativeTokens: accepts.native ?? false,
    }),
    allowedOrigins: [],
  });
  const session = documented(
    "POST /auth/session",
    createSession({ ...dependencies, sessionTtlHours: 24, setsCookie: false }),
  );
  /** Whether a request is allowed, by every kind of event that can carry it. */
  async function isAllowed(request: ClientRequest): Promise<boolean> {
    const kinds = Object.values(EVENT_KINDS).filter(
      (kind) => kind !== restToken || (!request.query && !request.cookies),
    );
    const responses = await Promise.all(
      kinds.map((kind) =>
        authorizer(kind(request)).then(
          (response) => JSON.stringify(response) !== '{"isAuthorized":false}',
          (error) => {
            expect(String(error)).toBe("Error: Unauthorized");
            return false;
          },
        ),
      ),
    );
    expect(new Set(responses).size).toBe(1);
    return responses[0] === true;
  }
  return {
    authorizer,
    clock,
    isAllowed,
    entries,
    store,
    exchange: (request: ClientRequest) => session(exchangeRequest(request)),
    exp: clock.seconds() + 3_600,
  };
}
