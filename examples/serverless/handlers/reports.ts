import type { APIGatewayProxyResult } from "aws-lambda";

/** What the gateway's authorizer knows about the caller. All values are strings. */
interface Caller {
  readonly method: "session" | "master";
  readonly sessionId: string;
  /** Unix seconds; absent for the master token. */
  readonly expiresAt?: string;
}

/** The parts of the event that the three kinds of API share. */
interface Event {
  readonly pathParameters?: { readonly id?: string } | null;
  readonly requestContext: {
    /** An HTTP API (payload 2.0) keeps the authorizer's context in `lambda`, a REST API does not. */
    readonly authorizer: Caller | { readonly lambda: Caller };
  };
}

/**
 * `GET /reports` and `GET /reports/{id}`: stand-ins for routes of your own. API Gateway has asked
 * the authorizer before this runs, so there is no token to check here.
 */
export async function handler(event: Event): Promise<APIGatewayProxyResult> {
  const { authorizer } = event.requestContext;
  const { method, sessionId, expiresAt } = "lambda" in authorizer ? authorizer.lambda : authorizer;
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      report: event.pathParameters?.id ?? "all",
      caller: { method, sessionId, expiresAt },
    }),
  };
}
