import { timingSafeEqual } from "node:crypto";
import { type Keyring, type Keys, sha256 } from "./keyring.ts";
import { NATIVE, SESSION, type Verdict, verify } from "./token.ts";

/** How a request was let in. */
export type Method = "session" | "master" | "native";

/** Why a request was not let in: stable codes, for the log and the tests. */
export type Refusal = "missing" | "malformed" | "expired" | "bad_mac" | "wrong_master";

export interface Accepted {
  readonly accepted: true;
  readonly method: Method;
  /** The credential that was accepted. */
  readonly token: string;
  /** Unix seconds; absent for the master token, which does not expire. */
  readonly expiresAt?: number;
  /** The keys that it was checked with. */
  readonly keys: Keys;
}

export interface Refused {
  readonly accepted: false;
  readonly reason: Refusal;
  /** The credential, where it has a signed token's shape: never a would-be master token. */
  readonly token?: string;
}

/** The credentials that are accepted beside our own session tokens. */
export interface Accepts {
  readonly master: boolean;
  /** PocketPaw's own session tokens. */
  readonly native: boolean;
}

const MISSING: Refused = { accepted: false, reason: "missing" };
const MALFORMED: Refused = { accepted: false, reason: "malformed" };
const WRONG_MASTER: Refused = { accepted: false, reason: "wrong_master" };

/**
 * Decides whether any one of the credentials lets the request in. Where secrets that have just
 * changed could turn a refusal, they are renewed and all is tried once more.
 *
 * @param credentials as `findCredentials` returns them
 * @param now unix seconds
 * @throws what the keyring rejects with: then nothing is known, and nobody may be let in
 */
export async function authenticate(
  credentials: readonly string[],
  keyring: Keyring,
  accepts: Accepts,
  now: number,
): Promise<Accepted | Refused> {
  if (credentials.length === 0) return MISSING;
  // What nothing could make acceptable is refused before any secret is read.
  const plausible = credentials.filter((credential) => methodOf(credential, accepts));
  if (plausible.length === 0) return MALFORMED;

  const keys = await keyring.current();
  const decision = await checkAll(plausible, keys, accepts, now);
  if (decision.accepted || !mayTurn(decision)) return decision;
  const renewed = await keyring.renew(keys);
  return renewed === keys ? decision : checkAll(plausible, renewed, accepts, now);
}

/** Whether the token is the master token; a wrong one is tried again with renewed keys. */
export async function authenticateMaster(
  token: string,
  keyring: Keyring,
): Promise<Accepted | Refused> {
  const keys = await keyring.current();
  const decision = checkMaster(token, keys);
  if (decision.accepted) return decision;
  return checkMaster(token, await keyring.renew(keys));
}

/** The method by which a credential of this shape could be accepted, if by any. */
function methodOf(credential: string, accepts: Accepts): Method | undefined {
  if (credential.startsWith(SESSION.prefix)) {
    return SESSION.pattern.test(credential) ? "session" : undefined;
  }
  if (accepts.native && NATIVE.pattern.test(credential)) return "native";
  return accepts.master ? "master" : undefined;
}

/** The first acceptance; else the first refusal that may turn; else the first refusal. */
async function checkAll(
  credentials: readonly string[],
  keys: Keys,
  accepts: Accepts,
  now: number,
): Promise<Accepted | Refused> {
  let refused: Refused | undefined;
  for (const credential of credentials) {
    const decision = await check(credential, keys, accepts, now);
    if (decision.accepted) return decision;
    if (refused === undefined || (mayTurn(decision) && !mayTurn(refused))) refused = decision;
  }
  return refused ?? MISSING;
}

function mayTurn({ reason }: Refused): boolean {
  return reason === "bad_mac" || reason === "wrong_master";
}

async function check(
  credential: string,
  keys: Keys,
  accepts: Accepts,
  now: number,
): Promise<Accepted | Refused> {
  switch (methodOf(credential, accepts)) {
    case "session":
      return decide("session", credential, await verifySession(credential, keys, now), keys);
    case "native":
      return decide("native", credential, verify(NATIVE, keys.native, credential, now), keys);
    case "master":
      return checkMaster(credential, keys);
    default:
      return MALFORMED;
  }
}

/** Under the current HMAC key, then under the previous one: a rotation logs nobody out. */
async function verifySession(token: string, keys: Keys, now: number): Promise<Verdict> {
  const verdict = verify(SESSION, keys.session, token, now);
  if (verdict.ok || verdict.reason !== "bad_mac") return verdict;
  const previous = await keys.previousSession();
  return previous === undefined ? verdict : verify(SESSION, previous, token, now);
}

function decide(method: Method, token: string, verdict: Verdict, keys: Keys): Accepted | Refused {
  return verdict.ok
    ? { accepted: true, method, token, expiresAt: verdict.exp, keys }
    : { accepted: false, reason: verdict.reason, token };
}

/** Digests are compared, so that neither content nor length shows in the time it takes. */
function checkMaster(token: string, keys: Keys): Accepted | Refused {
  return timingSafeEqual(sha256(token), keys.masterDigest)
    ? { accepted: true, method: "master", token, keys }
    : WRONG_MASTER;
}
