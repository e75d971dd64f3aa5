import type { Credential } from "../http/credentials.ts";
import { mayUseCookie } from "../http/csrf.ts";
import { isOddPath } from "../http/path.ts";
import type { Request } from "../http/request.ts";
import type { Keyring } from "../secrets/keyring.ts";
import { type Accepted, authenticate, type Refused } from "./authenticate.ts";

/** What decides about requests, beside the requests themselves. */
export interface Policy {
  readonly keyring: Keyring;
  readonly acceptsMasterToken: boolean;
  /** Origins whose pages may use the cookie, beside the request's own. */
  readonly allowedOrigins: readonly string[];
}

const ODD_PATH: Refused = { accepted: false, reason: "odd_path" };

/**
 * The one decision: whether a request may go on to what is behind the gateway. Any credential that is
 * accepted lets it in; the cookie, only where it may count.
 *
 * @param reachesPocketPaw whether PocketPaw gets the request, so that both must read its path alike
 * @param now unix seconds
 * @throws what the keyring rejects with: then nothing is known, and the request must not be allowed
 */
export async function decide(
  request: Request,
  { keyring, acceptsMasterToken, allowedOrigins }: Policy,
  reachesPocketPaw: boolean,
  now: number,
): Promise<Accepted | Refused> {
  if (reachesPocketPaw && isOddPath(request.path ?? "")) return ODD_PATH;
  const accepts = acceptsMasterToken ? (["session", "master"] as const) : (["session"] as const);
  const check = (credentials: readonly Credential[]) =>
    authenticate(credentials, keyring, accepts, now);
  const decision = await check(request.credentials);
  const isByCookie = decision.accepted && decision.credential.source === "cookie";
  if (!isByCookie || mayUseCookie(request, allowedOrigins)) return decision;
  // Another one may be valid too: under the previous HMAC key or new secrets, which are tried last.
  const others = await check(request.credentials.filter(({ source }) => source !== "cookie"));
  if (others.accepted) return others;
  return { accepted: false, reason: "cross_origin", token: decision.credential.token };
}
