import { fieldOf } from "../http/fields.ts";
import type { Method } from "./authenticate.ts";

/**
 * What the authorizer tells the routes behind it of the caller; API Gateway passes on strings. A type
 * and no interface: the library's own takes a record of strings.
 */
export type AuthorizerContext = {
  readonly method: Method;
  /** Stands for the token in logs. */
  readonly sessionId: string;
  /** Unix seconds; absent for the master token. */
  readonly expiresAt?: string;
  /** Where a PocketPaw stands behind the gateway: the `Cookie` header to send there. A credential. */
  readonly upstreamCookie?: string;
};

/** The same, as a route finds it in its event. */
export interface FoundContext {
  readonly method: Method;
  readonly sessionId: string | undefined;
  readonly expiresAt: string | undefined;
  readonly upstreamCookie: string | undefined;
}

const METHODS: readonly Method[] = ["session", "master", "native"];

/**
 * The context out of a route's event (HTTP API, payload 2.0). Undefined where our authorizer has not
 * been asked: such a route was attached without it, and its door stays shut.
 */
export function readAuthorizerContext(event: unknown): FoundContext | undefined {
  const authorizer = fieldOf(fieldOf(event, "requestContext"), "authorizer");
  const context = fieldOf(authorizer, "lambda");
  const method = METHODS.find((known) => known === fieldOf(context, "method"));
  if (method === undefined) return undefined;
  const text = (name: string): string | undefined => {
    const value = fieldOf(context, name);
    return typeof value === "string" ? value : undefined;
  };
  return {
    method,
    sessionId: text("sessionId"),
    expiresAt: text("expiresAt"),
    upstreamCookie: text("upstreamCookie"),
  };
}
