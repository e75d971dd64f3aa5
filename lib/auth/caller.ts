import { fieldOf } from "../http/fields.ts";
import type { Request } from "../http/request.ts";
import { sessionIdOf } from "../tokens/session-id.ts";
import type { Accepted } from "./authenticate.ts";

/**
 * What the authorizer tells the routes behind it about the caller; API Gateway passes on strings. A
 * type and not an interface: the library's own type asks for a record of strings.
 */
export type AuthorizerContext = {
  readonly method: string;
  /** Stands for the token in logs. */
  readonly sessionId: string;
  /** The version id of the master token's secret that the decision was made with. */
  readonly masterTokenVersion: string;
  /** Unix seconds; absent for the master token. */
  readonly expiresAt?: string;
  /** The `Cookie` header to send to PocketPaw, where a route needs one. A credential. */
  readonly upstreamCookie?: string;
};

/** A pairing token is accepted by login alone, which no authorizer stands before. */
const METHODS = ["session", "master"] as const;

const UNIX_SECONDS = /^[1-9][0-9]{0,14}$/;

/** What every route may know of a caller that was accepted. */
export function contextOf({ method, credential, expiresAt, keys }: Accepted): AuthorizerContext {
  return {
    method,
    sessionId: sessionIdOf(credential.token),
    masterTokenVersion: keys.masterTokenVersion,
    ...(expiresAt !== undefined && { expiresAt: String(expiresAt) }),
  };
}

/** The same, as a route finds it in its event; expiresAt is a number. */
export type Caller = NonNullable<ReturnType<typeof callerOf>>;

/**
 * The caller of a route behind the authorizer. Undefined where our authorizer was not asked: such a
 * route was attached without it, and must refuse every request.
 */
export function callerOf({ authorizerContext: context }: Pick<Request, "authorizerContext">) {
  const method = METHODS.find((known) => known === fieldOf(context, "method"));
  if (method === undefined) return undefined;
  const text = (name: keyof AuthorizerContext): string | undefined => {
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
