import type { APIGatewayProxyEventV2WithLambdaAuthorizer, Context } from "aws-lambda";
import { type Caller, callerOf } from "../auth/caller.ts";
import { type Request, readRequest } from "../http/request.ts";
import { type HttpResponse, unauthorized } from "../http/response.ts";

/**
 * The handler of a route behind the authorizer. One that was attached without it refuses every request (401).
 *
 * @param respond never rejects
 */
export function behindAuthorizer(
  respond: (request: Request, caller: Caller) => Promise<HttpResponse>,
) {
  return async (
    event: APIGatewayProxyEventV2WithLambdaAuthorizer<unknown>,
    context?: Context,
  ): Promise<HttpResponse> => {
    const request = readRequest(event, context);
    const caller = callerOf(request);
    return caller === undefined ? unauthorized("Unauthorized") : respond(request, caller);
  };
}
