import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from "aws-lambda";
import { type Answer, answer, unauthorized } from "../lib/answer.ts";

/** What the authorizer's context holds; all of it strings (handlers/authorizer.ts). */
interface AuthorizerContext {
  readonly method?: string;
  readonly expiresAt?: string;
}

/**
 * `GET /api/auth/session`, behind the authorizer: whether the caller's token holds, and for how
 * long. It only repeats what the authorizer found, so it needs no secret and can read none.
 */
export function createHandler({ now }: { /** Wall clock, milliseconds. */ now: () => number }) {
  return async (
    event: APIGatewayProxyEventV2WithLambdaAuthorizer<AuthorizerContext>,
  ): Promise<Answer> => {
    const found = event?.requestContext?.authorizer?.lambda;
    // Only a route that was attached without the authorizer gets here: the door stays shut.
    if (typeof found?.method !== "string") return unauthorized("Unauthorized");
    const expiresAt = typeof found.expiresAt === "string" ? Number(found.expiresAt) : null;
    return answer(200, {
      authenticated: true,
      method: found.method,
      expires_at: expiresAt,
      expires_in_seconds: expiresAt && Math.max(0, expiresAt - Math.floor(now() / 1000)),
    });
  };
}

export const handler = createHandler({ now: Date.now });
