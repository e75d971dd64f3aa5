import { expect } from "vitest";
import type { Accepts } from "../../lib/auth/authenticate.ts";
import { type ClientRequest, EVENT_KINDS, exchangeRequest, restToken } from "./events.ts";
import { loadHandlers } from "./handlers.ts";
import { createTestKeyring } from "./keyring.ts";
import { createTestLog } from "./logs.ts";

const { createAuthorizer, createSession } = await loadHandlers();

/** Both doors, the session function and the authorizer, on secrets and a clock of their own. */
export function openDoors(accepts: Partial<Accepts> = {}, now?: () => number) {
  const { keyring, clock, store } = createTestKeyring();
  const { log, entries } = createTestLog();
  const dependencies = { keyring, now: now ?? clock.now, log };
  const authorizer = createAuthorizer({
    ...dependencies,
    accepts: { master: true, native: false, ...accepts },
  });
  const session = createSession({ ...dependencies, sessionTtlHours: 24 });
  /** Whether a request is let in, by every kind of event that can carry it. */
  async function isLetIn(request: ClientRequest): Promise<boolean> {
    const kinds = Object.values(EVENT_KINDS).filter(
      (kind) => kind !== restToken || (!request.query && !request.cookies),
    );
    const answers = await Promise.all(
      kinds.map((kind) =>
        authorizer(kind(request)).then(
          (answer) => JSON.stringify(answer) !== '{"isAuthorized":false}',
          (error) => {
            expect(String(error)).toBe("Error: Unauthorized");
            return false;
          },
        ),
      ),
    );
    expect(new Set(answers).size).toBe(1);
    return answers[0] === true;
  }
  return {
    authorizer,
    clock,
    isLetIn,
    entries,
    store,
    exchange: (request: ClientRequest) => session(exchangeRequest(request)),
    exp: clock.seconds() + 3_600,
  };
}
