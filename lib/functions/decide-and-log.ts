import { type AuthorizerContext, contextOf } from "../auth/caller.ts";
import { decide } from "../auth/decide.ts";
import type { RefusalReason } from "../errors.ts";
import type { Request } from "../http/request.ts";
import { upstreamCookie } from "../pocketpaw/token.ts";
import { sessionIdOf } from "../tokens/session-id.ts";
import type { Dependencies } from "./dependencies.ts";
import type { Note } from "./http-function.ts";

export type DecisionDependencies = Omit<Dependencies, "sessionTtlHours">;

/**
 * Makes the decision of authorizer and verify, and logs it.
 *
 * @param reachesPocketPaw whether PocketPaw gets the request, or is asked because of it
 * @throws what the keyring rejects with: then nothing is known, and the request must not be allowed
 */
export async function decideAndLog(
  request: Request,
  reachesPocketPaw: boolean,
  dependencies: DecisionDependencies,
  note: Note,
): Promise<AuthorizerContext | { readonly refusal: RefusalReason }> {
  const { hasPocketPaw, now } = dependencies;
  const nowSeconds = Math.floor(now() / 1000);
  const decision = await decide(request, dependencies, reachesPocketPaw, nowSeconds);
  if (!decision.accepted) {
    const { reason, token } = decision;
    const sessionId = token && sessionIdOf(token);
    note({ level: "WARN", outcome: "refused", reason, sessionId });
    return { refusal: reason };
  }
  const found = contextOf(decision);
  note({ level: "INFO", outcome: "allowed", method: found.method, sessionId: found.sessionId });
  if (!hasPocketPaw || !reachesPocketPaw) return found;
  const { keys, expiresAt } = decision;
  return { ...found, upstreamCookie: upstreamCookie(keys.pocketPaw, expiresAt, nowSeconds) };
}
