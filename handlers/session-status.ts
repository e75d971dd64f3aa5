import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from "aws-lambda";
import { readAuthorizerContext } from "../lib/auth/authorizer-context.ts";
import { type Answer, answer, unauthorized } from "../lib/http/response.ts";

const UNIX_SECONDS = /^[1-9][0-9]{0,14}$/;

/**
 * `GET /api/auth/session`, behind the authorizer: whether the caller's token holds, and for how
 * long. It only repeats what the authorizer found, so it needs no secret and can read none.
 */
export function createHandler({ now }: { /** Wall clock, milliseconds. */ now: () => number }) {
  return async (event: APIGatewayProxyEventV2WithLambdaAuthorizer<unknown>): Promise<Answer> => {
    const caller = readAuthorizerContext(event);
    if (caller === undefined) return unauthorized("Unauthorized");
    const { method, expiresAt = "" } = caller;
    const expires = UNIX_SECONDS.test(expiresAt) ? Number(expiresAt) : null;
    return answer(200, {
      authenticated: true,
      method,
      expires_at: expires,
      expires_in_seconds: expires && Math.max(0, expires - Math.floor(now() / 1000)),
    });
  };
}

export const handler = createHandler({ now: Date.now });
