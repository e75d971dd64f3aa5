import { type KeyObject, timingSafeEqual } from "node:crypto";
import type { Keyring, Keys } from "../secrets/keyring.ts";
import { NATIVE, SESSION, verify } from "../tokens/formats.ts";
import { sha256 } from "../tokens/session-key.ts";

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
  const candidates = credentials.flatMap((token) => candidateOf(token, accepts) ?? []);
  if (candidates.length === 0) return MALFORMED;

  const keys = await keyring.current();
  const decision = await decide(candidates, keys, now);
  if (decision.accepted || !mayTurn(decision)) return decision;
  const renewed = await keyring.renew(keys);
  return renewed === keys ? decision : decide(candidates, renewed, now);
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

interface Candidate {
  readonly token: string;
  /** The one method by which a token of this shape could be accepted. */
  readonly method: Method;
}

function candidateOf(token: string, accepts: Accepts): Candidate | undefined {
  if (token.startsWith(SESSION.prefix)) {
    return SESSION.pattern.test(token) ? { token, method: "session" } : undefined;
  }
  if (accepts.native && NATIVE.pattern.test(token)) return { token, method: "native" };
  return accepts.master ? { token, method: "master" } : undefined;
}

/**
 * All under the current HMAC key; then the session tokens that it did not sign under the previous
 * one, so that a rotation logs nobody out.
 */
async function decide(
  candidates: readonly Candidate[],
  keys: Keys,
  now: number,
): Promise<Accepted | Refused> {
  const decisions = candidates.map((candidate) => check(candidate, keys, keys.session, now));
  const decision = mostTelling(decisions);
  if (decision.accepted) return decision;
  const older = candidates.filter(
    ({ method }, index) => method === "session" && hasBadMac(decisions[index]),
  );
  const previous = older.length > 0 ? await keys.previousSession() : undefined;
  if (previous === undefined) return decision;
  const second = mostTelling(older.map((candidate) => check(candidate, keys, previous, now)));
  return second.accepted ? second : decision;
}

/** The first acceptance; else the first refusal that new secrets may turn; else the first refusal. */
function mostTelling(decisions: readonly (Accepted | Refused)[]): Accepted | Refused {
  return (
    decisions.find((decision) => decision.accepted) ??
    decisions.find((decision) => !decision.accepted && mayTurn(decision)) ??
    decisions[0] ??
    MISSING
  );
}

function mayTurn({ reason }: Refused): boolean {
  return reason === "bad_mac" || reason === "wrong_master";
}

function hasBadMac(decision: Accepted | Refused | undefined): boolean {
  return decision?.accepted === false && decision.reason === "bad_mac";
}

function check(
  { token, method }: Candidate,
  keys: Keys,
  sessionKey: KeyObject,
  now: number,
): Accepted | Refused {
  if (method === "master") return checkMaster(token, keys);
  const verdict =
    method === "session"
      ? verify(SESSION, sessionKey, token, now)
      : verify(NATIVE, keys.native, token, now);
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
