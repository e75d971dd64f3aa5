import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from "aws-lambda";
import { type Answer, answer, unauthorized } from "../lib/answer.ts";
import type { Method } from "../lib/authenticate.ts";

/** What the authorizer's context holds; all of it strings (handlers/authorizer.ts). */
interface AuthorizerContext {
  readonly method?: string;
  readonly expiresAt?: string;
}

const METHODS: ReadonlySet<unknown> = new Set(["session", "master", "native"] satisfies Method[]);
const UNIX_SECONDS = /^[1-9][0-9]{0,14}$/;

/**
 * `GET /api/auth/session`, behind the authorizer: whether the caller's token holds, and for how
 * long. It only repeats what the authorizer found, so it needs no secret and can read none.
 */
export function createHandler({ now }: { /** Wall clock, milliseconds. */ now: () => number }) {
  return async (
    event: APIGatewayProxyEventV2WithLambdaAuthorizer<AuthorizerContext>,
  ): Promise<Answer> => {
    const { method, expiresAt } = { ...event?.requestContext?.authorizer?.lambda };
    // Only a route that was attached without our authorizer gets here: the door stays shut.
    if (!METHODS.has(method)) return unauthorized("Unauthorized");
    const isTime = typeof expiresAt === "string" && UNIX_SECONDS.test(expiresAt);
    const expires = isTime ? Number(expiresAt) : null;
    return answer(200, {
      authenticated: true,
      method,
      expires_at: expires,
      expires_in_seconds: expires && Math.max(0, expires - Math.floor(now() / 1000)),
    });
  };
}

export const handler = createHandler({ now: Date.now });
