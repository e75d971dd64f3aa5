/** The fields of serverless-offline's event that this function reads. */
interface RouteEvent {
  readonly routeKey: string;
  readonly requestContext: {
    readonly authorizer?: { readonly lambda?: { readonly upstreamCookie?: unknown } };
  };
}

/** The response header with the route that was matched. */
export const ROUTE_HEADER = "x-front-route";
/** The response header with the authorizer's cookie for PocketPaw; absent on open routes. */
export const COOKIE_HEADER = "x-front-cookie";

/**
 * Replaces the stack's HTTP_PROXY integration on a laptop. serverless-offline matches the route and runs the real
 * authorizer, and this function returns their result to the front server. The front server then sends the request
 * itself, since serverless-offline changes binary bodies and paths.
 */
export async function handler({ routeKey, requestContext }: RouteEvent): Promise<{
  statusCode: number;
  headers: Record<string, string>;
}> {
  const cookie = requestContext.authorizer?.lambda?.upstreamCookie;
  const headers = { [ROUTE_HEADER]: routeKey };
  return {
    statusCode: 200,
    headers: typeof cookie === "string" ? { ...headers, [COOKIE_HEADER]: cookie } : headers,
  };
}
