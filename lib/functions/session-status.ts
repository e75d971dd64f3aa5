import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { callerOf } from "../auth/caller.ts";
import { readRequest } from "../http/request.ts";
import { type HttpResponse, jsonResponse, unauthorized } from "../http/response.ts";
import type { Dependencies } from "./dependencies.ts";

/**
 * `GET /api/auth/session`, behind the authorizer: how the caller was authenticated, and for how long.
 * It repeats what the authorizer found, so it needs no secret and can read none.
 */
export function createSessionStatus({ now }: Pick<Dependencies, "now">) {
  return async (event: APIGatewayProxyEventV2): Promise<HttpResponse> => {
    const caller = callerOf(readRequest(event));
    if (caller === undefined) return unauthorized("Unauthorized");
    const { method, expiresAt = null } = caller;
    return jsonResponse(200, {
      authenticated: true,
      method,
      expires_at: expiresAt,
      expires_in_seconds: expiresAt && Math.max(0, expiresAt - Math.floor(now() / 1000)),
    });
  };
}
