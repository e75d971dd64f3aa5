import { fieldOf } from "../http/fields.ts";
import type { Method } from "./authenticate.ts";

/**
 * What the authorizer tells the routes behind it about the caller; API Gateway passes on strings. A
 * type and not an interface: the library's own type asks for a record of strings.
 */
export type AuthorizerContext = {
  readonly method: Method;
  /** Stands for the token in logs. */
  readonly sessionId: string;
  /** The version id of the master token's secret that the decision was made with. */
  readonly masterTokenVersion: string;
  /** Unix seconds; absent for the master token. */
  readonly expiresAt?: string;
  /** With PocketPaw behind the gateway: the `Cookie` header to send there. A credential. */
  readonly upstreamCookie?: string;
};

/** The same, as a route finds it in its event. */
export interface Caller {
  readonly method: Method;
  readonly sessionId: string | undefined;
  readonly masterTokenVersion: string | undefined;
  /** Unix seconds; undefined for the master token. */
  readonly expiresAt: number | undefined;
  readonly upstreamCookie: string | undefined;
}

const METHODS: readonly Method[] = ["session", "pairing", "master", "native"];

const UNIX_SECONDS = /^[1-9][0-9]{0,14}$/;

/**
 * The authorizer's context in a route's event (HTTP API, payload 2.0). Undefined where our
 * authorizer was not asked: such a route was attached without it, and must refuse every request.
 */
export function readAuthorizerContext(event: unknown): Caller | undefined {
  const authorizer = fieldOf(fieldOf(event, "requestContext"), "authorizer");
  const context = fieldOf(authorizer, "lambda");
  const method = METHODS.find((known) => known === fieldOf(context, "method"));
  if (method === undefined) return undefined;
  const text = (name: string): string | undefined => {
    const value = fieldOf(context, name);
    return typeof value === "string" ? value : undefined;
  };
  const expiresAt = text("expiresAt") ?? "";
  return {
    method,
    sessionId: text("sessionId"),
    masterTokenVersion: text("masterTokenVersion"),
    expiresAt: UNIX_SECONDS.test(expiresAt) ? Number(expiresAt) : undefined,
    upstreamCookie: text("upstreamCookie"),
  };
}
