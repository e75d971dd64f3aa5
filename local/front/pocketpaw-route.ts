/** What serverless-offline hands to this function, as far as it is read. */
interface RouteEvent {
  readonly routeKey: string;
  readonly requestContext: {
    readonly authorizer?: { readonly lambda?: { readonly upstreamCookie?: unknown } };
  };
}

/** The header by which this function tells the front server the route that was matched. */
export const ROUTE_HEADER = "x-front-route";
/** The header with the authorizer's cookie for PocketPaw; absent on open routes. */
export const COOKIE_HEADER = "x-front-cookie";

/**
 * Stands on a laptop where the stack has an HTTP_PROXY integration. serverless-offline matches the route and
 * runs the real authorizer, and this function tells the front server their result; the front server then sends
 * the request itself, since serverless-offline does not pass binary bodies or a path as they came.
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
